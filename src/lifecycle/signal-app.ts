import type { Effect } from './effect.ts';
import type { Policy } from './policy.ts';
import type {
  Delaying,
  Draining,
  Fault,
  Milliseconds,
  PreStop,
  Running,
  Shutdown,
  Signal,
  SkipReason,
  StopCause,
  Stopping,
  Waited,
} from './state.ts';
import { enter, SIGTERM, type Step, say } from './step.ts';

export type SignalApp = {
  readonly state: Running | PreStop | Delaying | Draining;
  readonly at: Milliseconds;
  readonly policy: Policy;
  readonly shutdown: Shutdown;
  /** Why the delay was skipped or cut short; null: it was not. */
  readonly skipped: SkipReason | null;
  /** How the wait for requests in flight ended; null: there was none. */
  readonly waited?: Waited;
  /** Effects that come before the signal. */
  readonly before?: readonly Effect[];
};

/** Sends the app its stop signal. The grace began with the drain, else it begins now. */
export function signalApp({
  state,
  at,
  policy,
  shutdown,
  skipped,
  waited = null,
  before = [],
}: SignalApp): Step<Stopping> {
  const stopping: Stopping = {
    kind: 'stopping',
    standings: state.standings,
    postMortems: state.postMortems,
    shutdown,
    skipped,
    waited,
    graceEndsAt: graceEndOf(state, at, policy),
    timeline: enter(state, 'stopping', at),
    restarts: state.restarts,
  };
  const { cause, stopSignal: signal } = shutdown;
  return [
    stopping,
    [
      ...before,
      // First, because this moment may have been chosen for having no request in flight, and a log line takes a millisecond.
      { type: 'stopApp', signal },
      { type: 'stopProbe', probe: 'ready' },
      ...(mayHaveClients(skipped) ? [countUntilEnd] : counts(state) ? [{ type: 'stopCounting' } as const] : []),
      say({ event: 'stopping', cause, signal, graceMs: Math.round(stopping.graceEndsAt - at), skipped, waited }),
      { type: 'wakeAt', at: stopping.graceEndsAt },
    ],
  ];
}

/** A drain was a part of the grace. A first count that took milliseconds and found nothing to wait for was not. */
export function graceEndOf(state: SignalApp['state'], at: Milliseconds, { grace }: Policy): Milliseconds {
  const hasWaited = state.kind === 'draining' && (state.stage === 'waiting' || at >= state.deadline);
  return hasWaited ? state.graceEndsAt : at + grace;
}

/**
 * A fault in the lifecycle or process room ends the app in order: no delay, its stop signal, the grace, SIGKILL, then exit
 * code 70.
 */
export function stopAfterFault(state: SignalApp['state'], at: Milliseconds, fault: Fault, policy: Policy): Step {
  const cause: StopCause = { kind: 'fault', fault };
  const shutdown: Shutdown =
    state.kind === 'running'
      ? { cause, stopSignal: stopSignalFor(SIGTERM, policy), ctrlCCount: 1 }
      : { ...state.shutdown, cause };
  const before: Effect[] = (['startup', 'live'] as const).map((probe) => ({ type: 'stopProbe', probe }));
  return signalApp({ state, at, policy, shutdown, skipped: 'fault', before });
}

/** What the app is sent when k8s-run received this signal: `--stop-signal`, else the one received, rewritten. */
export function stopSignalFor(received: Signal, policy: Policy): Signal {
  return policy.stopSignal ?? (policy.rewrite.get(received) || received);
}

/** Until the app has exited, to say what its end has cut. */
const countUntilEnd: Effect = { type: 'countConnections', shortestIntervalFrom: null, signalled: true };

const counts = ({ kind }: SignalApp['state']): boolean => kind === 'delaying' || kind === 'draining';

/** A worker has no clients, and what was never ready was sent none. */
const mayHaveClients = (skipped: SkipReason | null): boolean =>
  skipped !== 'never ready' && skipped !== 'listens on nothing';
