import { startDraining, trafficAfter, uncountableNotice } from './draining.ts';
import { otherwiseBeforeSignal } from './during-shutdown.ts';
import type { Effect } from './effect.ts';
import type { Event } from './event.ts';
import type { Policy } from './policy.ts';
import { signalApp } from './signal-app.ts';
import type { Delaying, Milliseconds, PreStop, Running, Shutdown } from './state.ts';
import { enter, late, type Step } from './step.ts';
import { dependsOnListeners, drainsWithout, reasonToSkipDelay, sayTerminating } from './terminating.ts';

/**
 * How long `terminating` waits for the count of listeners, at most. It takes milliseconds, but the CPU limit of a container may
 * throttle it for longer.
 */
const COUNT_LIMIT: Milliseconds = 1_000;

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
  const isOpen = dependsOnListeners(skipped, policy);
  const delaying: Delaying = {
    kind: 'delaying',
    standings: state.standings,
    postMortems: state.postMortems,
    shutdown,
    delayEndsAt: at + policy.shutdownDelay,
    // A pre-stop hook runs after `terminating`.
    sayBy: isOpen && state.kind === 'running' ? at + Math.min(COUNT_LIMIT, policy.shutdownDelay) : null,
    traffic: { kind: 'not counted' },
    timeline: enter(state, 'delaying', at),
    restarts: state.restarts,
  };
  const effects: Effect[] = [...before, { type: 'wakeAt', at: delaying.delayEndsAt }];
  if (isOpen) effects.push({ type: 'countListeners' });
  if (delaying.sayBy !== null) effects.push({ type: 'wakeAt', at: delaying.sayBy });
  effects.push({ type: 'countConnections', shortestIntervalFrom: null, signalled: false });
  return [delaying, effects];
}

/**
 * Where the app may listen on nothing, `terminating` is said once that is known, because it says whether there is a delay. It is
 * said before anything else, and before the delay ends for another reason.
 */
export function whenDelaying(state: Delaying, event: Event, policy: Policy): Step {
  const [next, effects] = afterEvent(state, event, policy);
  const { sayBy, shutdown } = state;
  if (sayBy === null) return [next, effects];
  const isDue = event.type === 'deadlinePassed' && event.at >= sayBy;
  const isKnown = event.type === 'listenersCounted' || next.kind !== 'delaying';
  if (!isDue && !isKnown && effects.every(({ type }) => type !== 'say')) return [next, effects];
  const isLeftOut = next.kind === 'stopping' && next.skipped === 'listens on nothing';
  const said = sayTerminating(
    {
      cause: shutdown.cause,
      delayMs: isLeftOut ? 0 : policy.shutdownDelay,
      preStop: false,
      drainSignal: policy.drainSignal,
    },
    policy,
  );
  return [next.kind === 'delaying' ? { ...next, sayBy: null } : next, [said, ...effects]];
}

function afterEvent(state: Delaying, event: Event, policy: Policy): Step {
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
