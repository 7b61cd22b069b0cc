import { constants } from 'node:os';
import type { Notice } from '../lifecycle/notice.ts';
import type { Exit, ProbeName, Signal, StopCause } from '../lifecycle/state.ts';

/** What happened before the end, as far as it may explain the end. */
export type ShutdownHistory = {
  /** The cause of the shutdown. */
  readonly because: StopCause | null;
  /** Every signal that k8s-run sent to the app. */
  readonly sent: ReadonlySet<Signal>;
  /** What was said when the app was sent its stop signal; null: it was not. */
  readonly stopping: Extract<Notice, { event: 'stopping' }> | null;
};

export const NO_HISTORY: ShutdownHistory = { because: null, sent: new Set(), stopping: null };

const { SIGKILL, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS } = constants.signals;
/** Signals that a process raises by a fault of its own: signal(7), abort(3). */
const FAULTS: ReadonlySet<Signal> = new Set([SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS]);

/** The app was sent a signal. */
export function historyWith(history: ShutdownHistory, signal: Signal): ShutdownHistory {
  return { ...history, sent: new Set([...history.sent, signal]) };
}

export function historyAfter(history: ShutdownHistory, notice: Notice): ShutdownHistory {
  switch (notice.event) {
    case 'stopping':
      return { ...historyWith(history, notice.signal), because: notice.cause, stopping: notice };
    case 'terminating':
      return { ...history, because: notice.cause };
    case 'killing':
      return historyWith(history, SIGKILL);
    case 'signal':
      return notice.outcome.kind === 'passed on' ? historyWith(history, notice.outcome.as) : history;
    case 'changed':
    case 'settled':
    case 'starting':
    case 'spawned':
    case 'started':
    case 'ready':
    case 'unready':
    case 'live':
    case 'unlive':
    case 'draining':
    case 'uncountable':
    case 'leftovers':
    case 'appRemains':
    case 'killingLeftovers':
    case 'leftoversRemain':
    case 'hook':
    case 'restarting':
    case 'exited':
      return history;
  }
}

/**
 * Who sent the signal that ended the app. wait(2) does not say, so it is inferred: `kernel` where the out-of-memory killer has
 * counted a victim, `k8s-run` where it sent that signal, `app` for a fault, which a process raises itself. Else `unknown`: a
 * process in the container, or outside it.
 */
export type SignalSender = 'kernel' | 'k8s-run' | 'app' | 'unknown';

export function signalSenderOf(exit: Exit | null, history: ShutdownHistory, oomKilled: boolean): SignalSender | null {
  if (exit?.kind !== 'signal') return null;
  if (exit.signal === SIGKILL && oomKilled) return 'kernel';
  if (history.sent.has(exit.signal)) return 'k8s-run';
  return FAULTS.has(exit.signal) ? 'app' : 'unknown';
}

/** What a post-mortem hook has done, or why it has failed. */
export type PostMortemRecord = {
  readonly hook: string;
  readonly outcome: 'sent' | 'done' | 'failed';
  readonly text: string;
  readonly agoMs: number;
};

/** The last probe failure. */
export type ProbeError = { readonly probe: ProbeName; readonly reason: string; readonly agoMs: number };

/** The limits before the last resize; null: there was none. */
export type LastResize = {
  readonly oldMemoryLimitBytes: number | null;
  readonly oldCpuLimitCores: number | null;
  readonly agoMs: number;
};

/** The details of an exit besides its log message; null: not known, or none. */
export type ExitDetails = {
  readonly signal: string | null;
  readonly sender: SignalSender | null;
  readonly because: string | null;
  /** Since k8s-run began. */
  readonly oomKills: number;
  readonly memoryPeakBytes: number | null;
  readonly memoryLimitBytes: number | null;
  /** The last resize of the container. */
  readonly resized: LastResize | null;
  readonly phases: Readonly<Record<string, number>>;
  readonly lastProbeError: ProbeError | null;
  readonly cutRequests: number | null;
  readonly postMortem: readonly PostMortemRecord[];
};

const SENDERS: Readonly<Record<SignalSender, string>> = {
  kernel: 'from the kernel: out of memory',
  'k8s-run': 'from k8s-run',
  app: 'raised by the app itself',
  unknown: 'not from k8s-run: from another process in the container, or from outside it',
};
const MIB = 2 ** 20;

/** The termination log's lines after the first, for `kubectl describe pod`. */
export function detailLines(
  {
    signal,
    sender,
    because,
    oomKills,
    memoryPeakBytes,
    memoryLimitBytes,
    resized,
    phases,
    lastProbeError,
    cutRequests,
    postMortem,
  }: ExitDetails,
  duration: (milliseconds: number) => string,
): readonly string[] {
  const before = (resize: LastResize | null, now: number): string => {
    const old = resize?.oldMemoryLimitBytes ?? null;
    if (resize === null || old === now) return '';
    return ` (${old === null ? 'none' : mebibytes(old)} until ${duration(resize.agoMs)} before the exit)`;
  };
  const peak = memoryPeakBytes === null ? '' : `peak ${mebibytes(memoryPeakBytes)}`;
  const limit =
    memoryLimitBytes === null ? '' : `limit ${mebibytes(memoryLimitBytes)}${before(resized, memoryLimitBytes)}`;
  const killed = oomKills === 0 ? '' : `OOM-killed: ${oomKills === 1 ? '1 process' : `${oomKills} processes`}`;
  const memory = [peak, limit, killed].filter((part) => part !== '').join(', ');
  const times = Object.entries(phases).map(([phase, time]) => `${phase} ${duration(time)}`);
  return [
    ...(signal === null || sender === null ? [] : [`signal: ${signal}, ${SENDERS[sender]}`]),
    ...(because === null ? [] : [`shutdown: because of ${because}`]),
    ...postMortem.map(({ hook, outcome, text, agoMs }) => {
      const what = outcome === 'failed' ? `failed: ${text}` : text;
      return `post-mortem: --${hook}, ${duration(agoMs)} before the exit: ${what}`;
    }),
    ...(cutRequests === null || cutRequests === 0 ? [] : [`cut requests: ${cutRequests}`]),
    ...(memory === '' ? [] : [`memory: ${memory}`]),
    ...(times.length === 0 ? [] : [`phases: ${times.join(', ')}`]),
    ...(lastProbeError === null
      ? []
      : [
          `last probe error: ${lastProbeError.probe}, ${duration(lastProbeError.agoMs)} before the exit: ${lastProbeError.reason}`,
        ]),
  ];
}

function mebibytes(bytes: number): string {
  return `${Math.round((10 * bytes) / MIB) / 10} MiB`;
}
