import { startDraining, trafficAfter, uncountableNotice } from './draining.ts';
import { otherwiseBeforeSignal } from './during-shutdown.ts';
import type { Effect } from './effect.ts';
import type { Event } from './event.ts';
import type { Policy } from './policy.ts';
import { signalApp } from './signal-app.ts';
import type { Delaying, Milliseconds, PreStop, Running, Shutdown, SkipReason } from './state.ts';
import { enter, late, type Step } from './step.ts';

export type StartDelay = {
  readonly state: Running | PreStop;
  readonly at: Milliseconds;
  readonly policy: Policy;
  readonly shutdown: Shutdown;
  /** Effects that come first. */
  readonly before: readonly Effect[];
};

/** Starts the delay (`--shutdown-delay`), unless it serves no client. */
export function startDelay({ state, at, policy, shutdown, before }: StartDelay): Step {
  const skipped = reasonToSkipDelay(state, policy);
  if (skipped !== null && drainsWithout(skipped, policy))
    return startDraining({ state, at, policy, shutdown, skipped, traffic: { kind: 'not counted' }, before });
  if (skipped !== null) return signalApp({ state, at, policy, shutdown, skipped, before });
  const delaying: Delaying = {
    kind: 'delaying',
    standings: state.standings,
    shutdown,
    delayEndsAt: at + policy.shutdownDelay,
    traffic: { kind: 'not counted' },
    timeline: enter(state, 'delaying', at),
    restarts: state.restarts,
  };
  const effects: Effect[] = [...before, { type: 'wakeAt', at: delaying.delayEndsAt }];
  // A worker or a Job has no clients, so the default delay is skipped for it; a delay that the user set is not.
  if (policy.shutdownDelaySource === 'default') effects.push({ type: 'countListeners' });
  effects.push({ type: 'countConnections', shortestIntervalFrom: null, signalled: false });
  return [delaying, effects];
}

/** The delay is for clients that still send requests; null: there may be some. */
export function reasonToSkipDelay(state: Running | PreStop, policy: Policy): SkipReason | null {
  if (state.standings.ready.kind === 'pending') return 'never ready';
  if (state.standings.live.kind === 'failing') return 'not alive';
  return policy.shutdownDelay === 0 ? 'no delay' : null;
}

/** Whether requests in flight are waited for although there is no delay: the user set it to 0, and there may be clients. */
export function drainsWithout(skipped: SkipReason, policy: Policy): boolean {
  return skipped === 'no delay' && policy.drainConnections > 0;
}

export function whenDelaying(state: Delaying, event: Event, policy: Policy): Step {
  const { shutdown } = state;
  switch (event.type) {
    case 'listenersCounted':
      if (event.count !== 0) return [state, []];
      return signalApp({ state, at: event.at, policy, shutdown, skipped: 'listens on nothing' });
    case 'connectionsCounted':
      return [
        { ...state, traffic: trafficAfter(state.traffic, event, policy) },
        uncountableNotice(state.traffic, event.count, policy),
      ];
    case 'deadlinePassed':
      if (event.at < state.delayEndsAt) return late(state);
      if (policy.drainConnections === 0) return signalApp({ state, at: event.at, policy, shutdown, skipped: null });
      return startDraining({
        state,
        at: event.at,
        policy,
        shutdown,
        skipped: null,
        traffic: state.traffic,
        before: [],
      });
    default:
      return otherwiseBeforeSignal(state, event, policy);
  }
}
