import { constants } from 'node:os';
import type { Notice } from '../lifecycle/notice.ts';
import type { Exit, ProbeName, Signal, StopCause } from '../lifecycle/state.ts';

/** What a death certificate remembers of a life: only what its end may be put down to. */
export type ShutdownHistory = {
  /** What began the shutdown. */
  readonly because: StopCause | null;
  /** Every signal that k8s-run has sent to the app. */
  readonly sent: ReadonlySet<Signal>;
};

export const NO_HISTORY: ShutdownHistory = { because: null, sent: new Set() };

const { SIGKILL, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS } = constants.signals;
/** What a process brings upon itself: signal(7), abort(3). */
const FAULTS: ReadonlySet<Signal> = new Set([SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS]);

export function historyAfter(story: ShutdownHistory, notice: Notice): ShutdownHistory {
  const sent = (signal: Signal): ReadonlySet<Signal> => new Set([...story.sent, signal]);
  switch (notice.event) {
    case 'stopping':
      return { because: notice.cause, sent: sent(notice.signal) };
    case 'draining':
      return { ...story, because: notice.cause };
    case 'killing':
      return { ...story, sent: sent(SIGKILL) };
    case 'signal':
      return notice.outcome.kind === 'passed on' ? { ...story, sent: sent(notice.outcome.as) } : story;
    default:
      return story;
  }
}

/**
 * Who sent the signal that ended the app. wait(2) does not say, so it is told by what is known: `kernel` where the
 * out-of-memory killer has counted a victim, `k8s-run` where it has sent that signal, `app` for a fault, which a process
 * raises itself. Else `unknown`: some process in the container, or somebody outside of it.
 */
export type SignalSender = 'kernel' | 'k8s-run' | 'app' | 'unknown';

export function signalSenderOf(exit: Exit | null, story: ShutdownHistory, oomKilled: boolean): SignalSender | null {
  if (exit?.kind !== 'signal') return null;
  if (exit.signal === SIGKILL && oomKilled) return 'kernel';
  if (story.sent.has(exit.signal)) return 'k8s-run';
  return FAULTS.has(exit.signal) ? 'app' : 'unknown';
}

/** The last thing that a probe had to complain of. */
export type ProbeError = { readonly probe: ProbeName; readonly reason: string; readonly agoMs: number };

/** What can be said of a death besides its log line; null: not known, or there was none. */
export type ExitDetails = {
  readonly signal: string | null;
  readonly sender: SignalSender | null;
  readonly because: string | null;
  /** Since k8s-run began. */
  readonly oomKills: number;
  readonly memoryPeakBytes: number | null;
  readonly memoryLimitBytes: number | null;
  readonly phases: Readonly<Record<string, number>>;
  readonly lastProbeError: ProbeError | null;
};

const SENDERS: Readonly<Record<SignalSender, string>> = {
  kernel: 'from the kernel: out of memory',
  'k8s-run': 'from k8s-run',
  app: 'a fault of the app itself',
  unknown: 'not from k8s-run: from a process of the container, or from outside',
};
const MIB = 2 ** 20;

/** The lines below the first one of a termination log, for `kubectl describe pod`. */
export function detailLines(
  { signal, sender, because, oomKills, memoryPeakBytes, memoryLimitBytes, phases, lastProbeError }: ExitDetails,
  duration: (milliseconds: number) => string,
): readonly string[] {
  const peak = memoryPeakBytes === null ? '' : `${mebibytes(memoryPeakBytes)} at the most`;
  const limit = memoryLimitBytes === null ? '' : `limit ${mebibytes(memoryLimitBytes)}`;
  const killed =
    oomKills === 0 ? '' : `killed for want of it: ${oomKills === 1 ? '1 process' : `${oomKills} processes`}`;
  const memory = [peak, limit, killed].filter((part) => part !== '').join(', ');
  const times = Object.entries(phases).map(([phase, time]) => `${phase} ${duration(time)}`);
  return [
    ...(signal === null || sender === null ? [] : [`signal: ${signal}, ${SENDERS[sender]}`]),
    ...(because === null ? [] : [`shutdown: because of ${because}`]),
    ...(memory === '' ? [] : [`memory: ${memory}`]),
    ...(times.length === 0 ? [] : [`phases: ${times.join(', ')}`]),
    ...(lastProbeError === null
      ? []
      : [
          `last probe error: ${lastProbeError.probe}, ${duration(lastProbeError.agoMs)} before: ${lastProbeError.reason}`,
        ]),
  ];
}

function mebibytes(bytes: number): string {
  return `${Math.round((10 * bytes) / MIB) / 10} MiB`;
}
