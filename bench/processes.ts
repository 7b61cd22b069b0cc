import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { soon } from '../test/rig/deadline.ts';
import { cleanEnvironment } from '../test/rig/supervised.ts';
import { treeOf } from './kernel.ts';

/** A process that the bench started. Disposing it kills it and its descendants by pid. */
export type Started = AsyncDisposable & {
  readonly pid: number;
  readonly child: ChildProcess;
  readonly exited: Promise<void>;
};

/** `env node` in a shebang finds the Node that runs the bench; no variable configures a contender. */
export const ENVIRONMENT: NodeJS.ProcessEnv = {
  ...cleanEnvironment(),
  PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
};

const running = new Set<number>();
process.on('exit', () => {
  for (const pid of running) endTree(pid);
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));

export function start(
  command: readonly string[],
  stdio: StdioOptions,
  environment: NodeJS.ProcessEnv = ENVIRONMENT,
): Started {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio, env: environment, detached: true });
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

/** A pipe, like the output of a container: a child of Node gets a socket, which cannot be opened through /dev/stdout. */
const THROUGH_A_PIPE = ['bash', '-c', '"$@" | cat', 'pipe'];

/** The first `count` lines that match; then the command is killed unless it has ended. */
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

/** Stops the process first, so that it starts no others while its descendants are listed. */
function endTree(pid: number): void {
  signal(pid, 'SIGSTOP');
  for (const each of treeOf(pid)) signal(each, 'SIGKILL');
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has already ended.
  }
}

export const wait = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

const NEVER_NOTIFIED = new Int32Array(new SharedArrayBuffer(4));

/** Blocks the thread for a time in milliseconds, more precisely than a timer of the event loop. */
export function block(milliseconds: number): void {
  if (milliseconds > 0) Atomics.wait(NEVER_NOTIFIED, 0, 0, milliseconds);
}
