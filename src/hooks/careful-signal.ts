import { constants } from 'node:os';
import type { Clock } from '../clock.ts';
import type { Signal } from '../lifecycle/state.ts';
import { dispositionOf, signalMasksOf } from '../linux/procfs.ts';
import { signalName } from '../linux/signal-names.ts';
import type { Log } from '../log/log.ts';

/**
 * Sends signals that are not meant to end the app. Each waits until the app catches it where its default action would end the app,
 * which has not installed its handler yet, or has none.
 */
export type CarefulSignals = {
  /** `cause`: the option, or where it comes from, for a warning. One that waits already is not sent twice. */
  readonly send: (signal: Signal, cause: string, sent: () => void) => void;
  /** Forgets those that wait: the app is told to stop. */
  readonly forget: () => void;
};

export type CarefulSignalsDeps = {
  readonly clock: Pick<Clock, 'after' | 'now'>;
  readonly log: Pick<Log, 'write'>;
  readonly program: () => string;
  /** The app's process while it runs; else null. */
  readonly app: () => number | null;
  /** Sends the signal to the app as any other. */
  readonly pass: (signal: Signal) => void;
};

/** `since`: when it was to be sent. */
type Waiting = {
  readonly signal: Signal;
  readonly pid: number;
  readonly cause: string;
  readonly since: number;
  readonly sent: () => void;
  warned: boolean;
  /** The number of looks, up to the last one, at which it was blocked. */
  blocked: number;
};

/** Milliseconds between two looks: at first, and at most. */
const FIRST_LOOK = 20;
const LONGEST_LOOK = 5_000;
/** Milliseconds after which a signal that still waits is warned of. Most programs have their handlers by then. */
const WARN_AFTER = 10_000;

const { SIGCHLD, SIGCONT, SIGURG, SIGWINCH, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU } = constants.signals;
const { SIGTERM, SIGINT, SIGQUIT, SIGABRT, SIGKILL } = constants.signals;
/** Those whose default action ends no process: signal(7). */
const HARMLESS: ReadonlySet<Signal> = new Set([
  ...[SIGCHLD, SIGCONT, SIGURG, SIGWINCH],
  ...[SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU],
]);
/** Those that ask for the end of a process. Who chooses one of them may want just that. */
const MEANT_TO_END: ReadonlySet<Signal> = new Set([SIGTERM, SIGINT, SIGQUIT, SIGABRT, SIGKILL]);

/**
 * Looks at which a process has a signal blocked before it is taken to wait for it in another way: sigwait(3), signalfd(2). At fewer
 * it may only be starting a thread or a child, for which libc blocks all signals.
 */
const BLOCKED_LOOKS = 5;

/**
 * Whether the default action of this signal would end the process, unless it is blocked. Where /proc cannot tell, it is taken to be
 * caught.
 */
export function wouldEnd(pid: number, signal: Signal): boolean {
  return !HARMLESS.has(signal) && dispositionOf(pid, signal) === 'default';
}

export function createCarefulSignals({ clock, log, program, app, pass }: CarefulSignalsDeps): CarefulSignals {
  const waiting = new Map<Signal, Waiting>();

  const look = (entry: Waiting, delay: number): void => {
    const { signal, pid, cause, since, sent } = entry;
    if (waiting.get(signal) !== entry) return;
    if (app() !== pid) {
      waiting.delete(signal);
      return;
    }
    entry.blocked = signalMasksOf(pid)?.blocked(signal) === true ? entry.blocked + 1 : 0;
    if (!wouldEnd(pid, signal) || entry.blocked >= BLOCKED_LOOKS) {
      waiting.delete(signal);
      pass(signal);
      sent();
      return;
    }
    const isDue = clock.now() - since >= WARN_AFTER;
    if (isDue && !entry.warned) {
      entry.warned = true;
      const name = signalName(signal);
      const text = `${name} (${cause}) is not sent to ${program()}, the first process of the app, because it does not catch it and would end; it is sent once it does`;
      log.write('warn', 'warning', text, { signal: name, reason: 'not caught' });
    }
    clock.after(delay, () => look(entry, Math.min(2 * delay, LONGEST_LOOK)));
  };

  return {
    send(signal, cause, sent) {
      const pid = app();
      if (pid === null || waiting.get(signal)?.pid === pid) return;
      if (MEANT_TO_END.has(signal) || !wouldEnd(pid, signal)) {
        pass(signal);
        sent();
        return;
      }
      const entry = { signal, pid, cause, since: clock.now(), sent, warned: false, blocked: 0 };
      waiting.set(signal, entry);
      clock.after(FIRST_LOOK, () => look(entry, 2 * FIRST_LOOK));
    },
    forget: () => waiting.clear(),
  };
}
