import { constants } from 'node:os';
import type { execa as Execa } from 'execa';
import type { Exit } from '../lifecycle/state.ts';
import { noteChild } from './adopted-children.ts';
import { exitOf, spawnFailure } from './exit-code.ts';
import { type OutputListener, readOutputLines } from './output-lines.ts';

/** How a command that k8s-run itself runs (a hook, an exec probe) ended. */
export type CommandEnd =
  | { readonly kind: 'ended'; readonly exit: Exit }
  | { readonly kind: 'not started'; readonly reason: string };

/** Sends a signal to the process group of a command; does nothing once it has ended. */
export type SignalCommand = (signal: NodeJS.Signals | number) => void;

const running = new Set<number>();
/** The pids of the commands that run, which are no processes of the app. */
export const runningCommands: ReadonlySet<number> = running;

const killed = new Set<number>();
/** The pids of what commands have left behind and was sent SIGKILL, as long as it may still be there. No processes of the app. */
export const killedRemains: ReadonlySet<number> = killed;

/**
 * Runs a command in its own session, in the given environment, with stdin, stdout and stderr on /dev/null. When `cancelled`
 * fires it is killed. When it is over, all that it has left behind is killed, in whatever groups and sessions. Never rejects.
 */
export async function runCommand(
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
  cancelled: AbortSignal,
): Promise<CommandEnd> {
  const { execa } = await import('execa');
  let signalGroup: SignalCommand = () => {};
  const abort = (): void => signalGroup('SIGKILL');
  cancelled.addEventListener('abort', abort, { once: true });
  const started = (signalIt: SignalCommand): void => {
    signalGroup = signalIt;
    if (cancelled.aborted) abort();
  };
  const end = await spawnCommand(execa, words, environment, { output: null, started, keepsRemains: false });
  cancelled.removeEventListener('abort', abort);
  return end;
}

/**
 * The same, but its output is read by lines, `started` is called with the function that signals it, and what it leaves behind
 * lives on, unless the command was sent SIGKILL. Never rejects.
 */
export async function runWithOutput(
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
  output: OutputListener,
  started: (signal: SignalCommand) => void,
): Promise<CommandEnd> {
  const { execa } = await import('execa');
  return spawnCommand(execa, words, environment, { output, started, keepsRemains: true });
}

type CommandListener = {
  /** null: the output is discarded. */
  readonly output: OutputListener | null;
  readonly started: (signal: SignalCommand) => void;
  /** Whether processes that it leaves behind live on when it ends by itself. */
  readonly keepsRemains: boolean;
};

async function spawnCommand(
  execa: typeof Execa,
  [program = '', ...args]: readonly string[],
  environment: NodeJS.ProcessEnv,
  { output, started, keepsRemains }: CommandListener,
): Promise<CommandEnd> {
  const { expectRemains } = await import('./command-remains.ts');
  const remains = expectRemains();
  const stdio = output === null ? 'ignore' : 'pipe';
  const child = execa(program, args, {
    stdin: 'ignore',
    stdout: stdio,
    stderr: stdio,
    env: { ...environment, ...remains.variable },
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
  running.add(pid);
  noteChild(child.nodeChildProcess);
  let takesRemains = !keepsRemains;
  const stopReading = output === null ? null : readOutputLines([child.stdout, child.stderr], output);
  // The end of its output is not waited for, because a process that it left behind may have the pipe open forever.
  const ended = new Promise<CommandEnd>((resolve) => {
    child.nodeChildProcess.once('exit', (code, signal) => {
      running.delete(pid);
      stopReading?.();
      if (takesRemains) {
        signalGroup(pid, 'SIGKILL');
        remains.kill(pid, false, killed);
      }
      resolve({ kind: 'ended', exit: exitOf(code, signal) });
    });
  });
  started((signal) => {
    if (!running.has(pid)) return;
    signalGroup(pid, signal);
    if (signal !== 'SIGKILL' && signal !== constants.signals.SIGKILL) return;
    takesRemains = true;
    remains.kill(pid, true, killed);
  });
  return ended;
}

/** Without /proc nothing else of a command can be found. */
function signalGroup(group: number, signal: NodeJS.Signals | number): void {
  try {
    process.kill(-group, signal);
  } catch {
    // The whole group is gone already.
  }
}
