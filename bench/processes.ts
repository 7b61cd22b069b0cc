import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { dirname } from 'node:path';
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

/** All that it printed, once it and everyone who holds its output are gone. */
export async function outputOf(command: readonly string[]): Promise<string> {
  await using started = start(command, ['ignore', 'pipe', 'ignore']);
  let output = '';
  started.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  await started.exited;
  return output;
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

export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

const CLOCKWORK = new Int32Array(new SharedArrayBuffer(4));

/** Waits to a fraction of a millisecond, which a timer of the event loop cannot. Everything of the bench stands still. */
export function standStill(milliseconds: number): void {
  if (milliseconds > 0) Atomics.wait(CLOCKWORK, 0, 0, milliseconds);
}
