/** Milliseconds since the run began; null: it did not happen. */
export type EventTime = number | null;

/**
 * What a process does with a signal, by its masks in /proc. `blocked`: the kernel keeps the signal until the process takes it
 * (sigwait(3), signalfd(2)) or unblocks it. `default`: there is no handler, so SIGTERM ends the process, or is discarded where
 * the process is PID 1. `caught once`: `default` since it was caught. That is a handler for the first signal only, or Node
 * without a handler of the app: Node catches SIGTERM to restore the terminal, and raises it again.
 */
export type SignalHandling = 'caught' | 'caught once' | 'ignored' | 'blocked' | 'default';

/** What happened to one pod, and when. */
export type PodTimeline = {
  readonly name: string;
  readonly port: number;
  started: EventTime;
  /** When the app's own process was there: after `started` where k8s-run starts it. */
  appStarted: EventTime;
  /** When the app's port was open, to within a few milliseconds. */
  listening: EventTime;
  /** First ready, as the kubelet sees it. */
  ready: EventTime;
  deleted: EventTime;
  /** When no node routes new connections to it any more. */
  unrouted: EventTime;
  /** When its k8s-run received the stop signal and made readiness fail. */
  terminating: EventTime;
  /** When the app was signalled, and with which signal. */
  signalled: EventTime;
  signal: string | null;
  /** What the app's process did with that signal when it was sent, and later if it still ran; null: not known. */
  handling: SignalHandling | null;
  /** Whether the app still listened on its port shortly before the end of its time; null: not known, or it had exited. */
  keptListening: boolean | null;
  killed: { readonly at: number; readonly by: 'k8s-run' | 'the kubelet' } | null;
  /** When the app itself had exited, and when the whole pod had. */
  appExited: EventTime;
  exited: EventTime;
  /** As a shell reports it: 128 + n after signal n. */
  exitCode: number | null;
  /** When its liveness or startup probe had failed so often that the kubelet would restart it. */
  restartDue: EventTime;
  readonly leftovers: string[];
  /** Requests that its k8s-run counted as in flight when the app ended; null: it said nothing of them. */
  cutRequests: number | null;
  /** What its k8s-run warned of. */
  readonly warnings: string[];
};

export function newPodTimeline(name: string, port: number): PodTimeline {
  return {
    ...{
      name,
      port,
      started: null,
      appStarted: null,
      listening: null,
      ready: null,
      deleted: null,
      unrouted: null,
      terminating: null,
    },
    ...{ signalled: null, signal: null, handling: null, keptListening: null, killed: null, appExited: null },
    ...{ exited: null, exitCode: null, restartDue: null, leftovers: [], cutRequests: null, warnings: [] },
  };
}
