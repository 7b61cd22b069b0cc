import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { soon } from '../test/rig/deadline.ts';
import { cleanEnvironment } from '../test/rig/supervised.ts';
import { treeOf } from './kernel.ts';

/** A process that the bench started. Disposing kills it and all below it, by pid. */
export type Started = AsyncDisposable & {
  readonly pid: number;
  readonly child: ChildProcess;
  readonly exited: Promise<void>;
};

/** `env node` in a shebang finds the node that runs the bench; nothing in the environment speaks to a contender. */
const ENVIRONMENT: NodeJS.ProcessEnv = {
  ...cleanEnvironment(),
  PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
};

const running = new Set<number>();
process.on('exit', () => {
  for (const pid of running) endTree(pid);
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));

export function start(command: readonly string[], stdio: StdioOptions): Started {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio, env: ENVIRONMENT, detached: true });
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const { pid } = child;
  if (pid === undefined) throw new Error(`cannot start ${program}: is it executable?`);
  running.add(pid);
  child.once('exit', () => running.delete(pid));
  return {
    pid,
    child,
    exited,
    async [Symbol.asyncDispose]() {
      if (running.has(pid)) endTree(pid);
      await exited;
    },
  };
}

/** As a container's output is; what Node gives its children is a socket, which cannot be opened by its name. */
const THROUGH_A_PIPE = ['bash', '-c', '"$@" | cat', 'pipe'];

/** The first `count` lines that match; then it is killed, if it has not ended by itself. */
export async function linesOf(command: readonly string[], count: number, match: RegExp): Promise<readonly string[]> {
  await using started = start([...THROUGH_A_PIPE, ...command], ['ignore', 'pipe', 'ignore']);
  const { stdout } = started.child;
  if (stdout === null) return [];
  const found: string[] = [];
  const enough = (async () => {
    for await (const line of createInterface(stdout)) {
      if (match.test(line)) found.push(line);
      if (found.length === count) return;
    }
  })();
  await soon(`${count} lines of ${command.join(' ')}`, enough);
  return found;
}

/** Stopped first, so that it starts nothing while those below it are counted. */
function endTree(pid: number): void {
  signal(pid, 'SIGSTOP');
  for (const each of treeOf(pid)) signal(each, 'SIGKILL');
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone already.
  }
}

export const wait = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

const CLOCKWORK = new Int32Array(new SharedArrayBuffer(4));

/** Waits to a fraction of a millisecond, which a timer of the event loop cannot. Everything of the bench stands still. */
export function standStill(milliseconds: number): void {
  if (milliseconds > 0) Atomics.wait(CLOCKWORK, 0, 0, milliseconds);
}
