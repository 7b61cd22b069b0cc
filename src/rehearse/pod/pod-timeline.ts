/** Milliseconds since the run began; null: it did not happen. */
export type EventTime = number | null;

/** What happened to one pod, and when. */
export type PodTimeline = {
  readonly name: string;
  readonly port: number;
  started: EventTime;
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
  /** Whether the app goes on as if there had been no signal; null: not known. */
  ignoresSignal: boolean | null;
  killed: { readonly at: number; readonly by: 'k8s-run' | 'the kubelet' } | null;
  /** When the app itself had exited, and when the whole pod had. */
  appExited: EventTime;
  exited: EventTime;
  /** As a shell reports it: 128 + n after signal n. */
  exitCode: number | null;
  /** When its liveness or startup probe had failed so often that the kubelet would restart it. */
  restartDue: EventTime;
  readonly leftovers: string[];
  /** What its k8s-run warned of. */
  readonly warnings: string[];
};

export function newPodTimeline(name: string, port: number): PodTimeline {
  return {
    ...{ name, port, started: null, ready: null, deleted: null, unrouted: null, terminating: null },
    ...{ signalled: null, signal: null, ignoresSignal: null, killed: null, appExited: null, exited: null },
    ...{ exitCode: null, restartDue: null, leftovers: [], warnings: [] },
  };
}
