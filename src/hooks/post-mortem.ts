import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { PostMortemAction } from '../config/hook.ts';
import type { PostMortemHook, PostMortemResult, Signal } from '../lifecycle/state.ts';
import { signalName } from '../linux/signal-names.ts';
import type { SignalCommand } from '../process/run-command.ts';
import { type CommandDeps, runHookCommand } from './command.ts';
import { type Receiver, receiversOf } from './dump-signal.ts';

/** Runs post-mortem hooks. Their limit, and that each begins once, is the concern of the state machine. */
export type PostMortemRunner = {
  readonly run: (hook: PostMortemHook, reason: string) => void;
  /** Kills the command, and forgets its result. */
  readonly end: (hook: PostMortemHook) => void;
};

export type PostMortemDeps = Omit<CommandDeps, 'clock' | 'printed'> & {
  readonly config: Pick<Config, 'onUnlive' | 'beforeKill' | 'onMemory'>;
  readonly clock: Clock;
  /** The app's process; null before it was started. */
  readonly app: () => number | null;
  /** The app's environment, in which hooks run too. */
  readonly environment: () => NodeJS.ProcessEnv;
  /** What the hook has besides. */
  readonly variables: (hook: PostMortemHook) => NodeJS.ProcessEnv;
  /** Sends a signal to one process; throws the errors of kill(2). */
  readonly send: (pid: number, signal: Signal) => void;
  /** A signal was sent to the app. */
  readonly forwarded: (signal: Signal) => void;
  /** The command of a hook has printed a line. It may be all that is known of what it has written, if it does not end by itself. */
  readonly printed: (hook: PostMortemHook, line: string) => void;
  readonly ended: (hook: PostMortemHook, result: PostMortemResult) => void;
};

const SIGKILL: Signal = 9;
/** Milliseconds without a further line after which all output from before the exit was read; and how often this is looked at. */
const QUIET = 20;
const MOST_LOOKS = 10;

/** A run of a hook, and how to end it. */
type Run = { readonly result: Promise<PostMortemResult>; readonly kill: () => void };

export function createPostMortemRunner({ config, clock, app, ended, ...deps }: PostMortemDeps): PostMortemRunner {
  /** What ends the run of each hook. */
  const ends = new Map<PostMortemHook, () => void>();

  const sendSignal = (hook: PostMortemHook, signal: Signal, pid: number): PostMortemResult => {
    const found = receiversOf(pid, signal, hook === 'before-kill');
    if ('problem' in found) return { kind: 'failed', failure: found.problem };
    try {
      for (const receiver of found.receivers) deps.send(receiver.pid, signal);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return { kind: 'failed', failure: `cannot send ${signalName(signal)} to ${namesOf(found.receivers)}: ${code}` };
    }
    deps.forwarded(signal);
    return { kind: 'sent', signal, account: `sent ${signalName(signal)} to ${namesOf(found.receivers)}` };
  };

  const runCommand = (hook: PostMortemHook, words: readonly string[], environment: NodeJS.ProcessEnv): Run => {
    let isOver = false;
    let signalIt: SignalCommand | null = null;
    const started = (signal: SignalCommand): void => {
      signalIt = signal;
      if (isOver) signal(SIGKILL);
    };
    const printed = (line: string): void => deps.printed(hook, line);
    const commandDeps = { clock, log: deps.log, runWithOutput: deps.runWithOutput, printed };
    const result = async (): Promise<PostMortemResult> => {
      const { failure, last } = await runHookCommand({ name: hook, words }, environment, commandDeps, started);
      if (failure !== null) return { kind: 'failed', failure };
      await isRead(last, clock);
      const line = last().findLast((text) => text.trim() !== '');
      return { kind: 'done', account: line === undefined ? `${words[0]} has run` : `${words[0]}: ${line}` };
    };
    return {
      result: result(),
      kill() {
        isOver = true;
        signalIt?.(SIGKILL);
      },
    };
  };

  const begin = (hook: PostMortemHook, reason: string): Run => {
    const action = actionOf(hook, config);
    const pid = app();
    const at = (result: PostMortemResult): Run => ({ result: Promise.resolve(result), kill: () => {} });
    if (action === null || pid === null) return at({ kind: 'failed', failure: 'there is no app' });
    if (action.kind === 'signal') return at(sendSignal(hook, action.signal, pid));
    const words = action.words.map((word) => word.replaceAll('{pid}', String(pid)));
    const told = { K8S_RUN_APP_PID: String(pid), K8S_RUN_HOOK: hook, K8S_RUN_REASON: reason };
    return runCommand(hook, words, { ...deps.environment(), ...deps.variables(hook), ...told });
  };

  return {
    run(hook, reason) {
      let isForgotten = false;
      const { result, kill } = begin(hook, reason);
      ends.set(hook, () => {
        isForgotten = true;
        kill();
      });
      const tell = (how: PostMortemResult): void => {
        if (!isForgotten) ended(hook, how);
      };
      result.then(tell, (error: Error) => tell({ kind: 'failed', failure: `internal error: ${error.message}` }));
    },
    end(hook) {
      ends.get(hook)?.();
      ends.delete(hook);
    },
  };
}

/** Waits until the output that a command has left in its pipes was read. */
async function isRead(last: () => readonly string[], clock: Pick<Clock, 'after'>): Promise<void> {
  for (let looks = 0, before = ''; looks < MOST_LOOKS; looks += 1) {
    const now = last().join('\n');
    if (looks > 0 && now === before) return;
    before = now;
    await new Promise<void>((resolve) => void clock.after(QUIET, resolve));
  }
}

function actionOf(
  hook: PostMortemHook,
  { onUnlive, beforeKill, onMemory }: PostMortemDeps['config'],
): PostMortemAction | null {
  switch (hook) {
    case 'on-unlive':
      return onUnlive;
    case 'before-kill':
      return beforeKill;
    case 'on-memory':
      return onMemory;
  }
}

function namesOf(receivers: readonly Receiver[]): string {
  return receivers.map(({ pid, program }) => `${program} (process ${pid})`).join(', ');
}
