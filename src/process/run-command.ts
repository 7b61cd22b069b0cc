import type { execa as Execa } from 'execa';
import type { Exit } from '../lifecycle/state.ts';
import { exitOf, spawnFailure } from './exit-code.ts';
import { type OutputListener, readOutputLines } from './output-lines.ts';

/** How a short command of k8s-run's own ended. */
export type CommandEnd =
  | { readonly kind: 'ended'; readonly exit: Exit }
  | { readonly kind: 'not started'; readonly reason: string };

/** How to stop a command: a signal to its whole group. Nothing happens once it has ended. */
export type SignalCommand = (signal: NodeJS.Signals | number) => void;

/** The process ids of such commands that are under way, so that nobody takes them for the app's. */
const underWay = new Set<number>();
export const runningCommands: ReadonlySet<number> = underWay;

/**
 * Runs a command in a session of its own, in the app's environment, with nothing on its stdin and its output unread. When `cancelled` fires, all of
 * its group is killed. Never rejects.
 */
export async function runCommand(
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
  cancelled: AbortSignal,
): Promise<CommandEnd> {
  const { execa } = await import('execa');
  let kill: SignalCommand = () => {};
  const abort = (): void => kill('SIGKILL');
  cancelled.addEventListener('abort', abort, { once: true });
  const end = await begin(execa, words, environment, null, (how) => {
    kill = how;
    if (cancelled.aborted) abort();
  });
  cancelled.removeEventListener('abort', abort);
  return end;
}

/** The same, but `listener` gets its output line by line, and `started` gets a function that stops it. Never rejects. */
export async function runWithOutput(
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
  listener: OutputListener,
  started: (kill: SignalCommand) => void,
): Promise<CommandEnd> {
  const { execa } = await import('execa');
  return begin(execa, words, environment, listener, started);
}

async function begin(
  execa: typeof Execa,
  [program = '', ...args]: readonly string[],
  environment: NodeJS.ProcessEnv,
  listener: OutputListener | null,
  started: (kill: SignalCommand) => void,
): Promise<CommandEnd> {
  const output = listener === null ? 'ignore' : 'pipe';
  const child = execa(program, args, {
    stdin: 'ignore',
    stdout: output,
    stderr: output,
    env: environment,
    extendEnv: false,
    detached: true,
    reject: false,
    cleanup: false,
    forceKillAfterDelay: false,
    buffer: false,
  });
  const { pid } = child;
  if (pid === undefined) {
    const { cause } = await child;
    return { kind: 'not started', reason: spawnFailure(cause as NodeJS.ErrnoException).detail };
  }
  underWay.add(pid);
  const deaf = listener === null ? null : readOutputLines([child.stdout, child.stderr], listener);
  // Not the end of its output, which a process that it left behind may hold for ever.
  const ended = new Promise<CommandEnd>((resolve) => {
    child.nodeChildProcess.once('exit', (code, signal) => {
      underWay.delete(pid);
      deaf?.();
      resolve({ kind: 'ended', exit: exitOf(code, signal) });
    });
  });
  started((signal) => {
    if (!underWay.has(pid)) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // The whole group is gone already.
    }
  });
  return ended;
}
