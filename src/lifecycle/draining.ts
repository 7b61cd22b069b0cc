import { otherwiseBeforeSignal } from './during-shutdown.ts';
import type { Effect } from './effect.ts';
import type { ConnectionCount, Event } from './event.ts';
import type { Policy } from './policy.ts';
import { signalApp } from './signal-app.ts';
import type { Delaying, Draining, Milliseconds, PreStop, Running, Shutdown, SkipReason, Traffic } from './state.ts';
import { enter, late, type Step, say } from './step.ts';

/**
 * When no new connection came for this long, clients no longer send to this pod. kube-proxy syncs the rules of its node at most
 * once a second (`--iptables-min-sync-period`, `--ipvs-min-sync-period`), so a node that still had this pod in its rules has
 * synced once more by then.
 */
export const QUIET_PERIOD: Milliseconds = 1_000;

/**
 * Clients that send request after request on kept connections are busy until the limit, and their requests in flight would
 * then be cut. So in the last part of the limit the signal is sent at a moment without a request in flight. A pod that
 * answers a hundred requests a second has many such moments in a second, and a tenth of the limit is not missed by an app
 * that needs all of it.
 */
const GAP_WINDOW_MOST: Milliseconds = 1_000;
const GAP_WINDOW_SHARE = 0.1;
export const gapWindowOf = (limit: Milliseconds): Milliseconds => Math.min(GAP_WINDOW_MOST, limit * GAP_WINDOW_SHARE);

/** How long a drain that was not set waits because new connections arrive, when none is busy. */
const ARRIVALS_MOST: Milliseconds = 2 * QUIET_PERIOD;

/** Until the first count, at most. It takes milliseconds, but the CPU limit of a container may throttle it for longer. */
const FIRST_COUNT: Milliseconds = 1_000;

export type StartDraining = {
  readonly state: Running | PreStop | Delaying;
  readonly at: Milliseconds;
  readonly policy: Policy;
  readonly shutdown: Shutdown;
  /** Why there was no delay before it. */
  readonly skipped: SkipReason | null;
  readonly traffic: Traffic;
  /** Effects that come first. */
  readonly before: readonly Effect[];
};

/**
 * Waits until no connection is busy and none arrives; else, near the limit, until no request is in flight; else until the
 * limit. The grace begins as well. By default, it counts first, and the app is signalled at once when there is nothing to wait for.
 */
export function startDraining({
  state,
  at,
  policy,
  shutdown,
  skipped,
  traffic,
  before,
}: StartDraining): Step<Draining> {
  const counting: Draining = {
    kind: 'draining',
    standings: state.standings,
    postMortems: state.postMortems,
    shutdown,
    skipped,
    stage: 'counting',
    deadline: at + Math.min(FIRST_COUNT, policy.drainConnections),
    limitEndsAt: at + policy.drainConnections,
    graceEndsAt: at + policy.grace,
    traffic,
    timeline: state.timeline,
    restarts: state.restarts,
  };
  const counts: Effect[] = [
    ...before,
    { type: 'wakeAt', at: counting.deadline },
    // The last count may be old. A new one ends the wait at once when there are no connections.
    {
      type: 'countConnections',
      shortestIntervalFrom: counting.limitEndsAt - gapWindowOf(policy.drainConnections),
      signalled: false,
    },
  ];
  if (policy.drainConnectionsSource === 'default') return [counting, counts];
  const [waiting, effects] = startWaiting(counting, at, policy);
  return [waiting, [...counts, ...effects]];
}

function startWaiting(state: Draining, at: Milliseconds, { drainConnections, keyboard }: Policy): Step<Draining> {
  const { limitEndsAt, traffic } = state;
  const waiting: Draining = {
    ...state,
    stage: 'waiting',
    deadline: limitEndsAt,
    timeline: enter(state, 'draining', at),
  };
  return [
    waiting,
    [say({ event: 'draining', limitMs: drainConnections, traffic, keyboard }), { type: 'wakeAt', at: limitEndsAt }],
  ];
}

export function whenDraining(state: Draining, event: Event, policy: Policy): Step {
  const { shutdown, skipped } = state;
  switch (event.type) {
    case 'connectionsCounted':
      return whenCounted(state, event, policy);
    case 'deadlinePassed': {
      const { at } = event;
      if (at < state.deadline) return late(state);
      // Without a count nothing is known to be in flight.
      if (state.stage === 'counting') return signalApp({ state, at, policy, shutdown, skipped });
      const waited = { ended: 'limit', traffic: state.traffic } as const;
      return signalApp({ state, at, policy, shutdown, skipped, waited });
    }
    default:
      return otherwiseBeforeSignal(state, event, policy);
  }
}

function whenCounted(state: Draining, event: Counted, policy: Policy): Step {
  const { shutdown, skipped } = state;
  const { at } = event;
  const traffic = trafficAfter(state.traffic, event, policy);
  const before = uncountableNotice(state.traffic, event.count, policy);
  const next: Draining = { ...state, traffic };
  const ended = endOfWait(state, event, traffic, policy);
  if (ended === null && state.stage === 'waiting') return [next, before];
  if (ended === null) {
    const [waiting, effects] = startWaiting(next, at, policy);
    return [waiting, [...before, ...effects]];
  }
  const waited = state.stage === 'waiting' ? { ended, traffic } : null;
  return signalApp({ state: next, at, policy, shutdown, skipped, before, waited });
}

/** Why this count ends the wait; null: it goes on. */
function endOfWait(
  { limitEndsAt }: Draining,
  { at, count }: Counted,
  traffic: Traffic,
  policy: Policy,
): 'none busy' | 'none in flight' | null {
  if (isDrained(traffic, at, limitEndsAt, policy)) return 'none busy';
  const inGapWindow = at >= limitEndsAt - gapWindowOf(policy.drainConnections);
  return inGapWindow && count.kind === 'counted' && weighed(count, policy).inFlight === 0 ? 'none in flight' : null;
}

/**
 * By default nobody waits for connections of which nothing can be known, nor for long because connections arrive while none is busy:
 * a load balancer that checks the app's port every second would hold the signal until the limit.
 */
function isDrained(traffic: Traffic, at: Milliseconds, limitEndsAt: Milliseconds, policy: Policy): boolean {
  const isDefault = policy.drainConnectionsSource === 'default';
  if (traffic.kind !== 'counted') return traffic.kind === 'uncountable' && isDefault;
  if (traffic.busy > 0) return false;
  const begunAt = limitEndsAt - policy.drainConnections;
  const isQuiet = traffic.arrivedAt === null || at - traffic.arrivedAt >= QUIET_PERIOD;
  return isQuiet || (isDefault && at - begunAt >= ARRIVALS_MOST);
}

type Counted = Event & { type: 'connectionsCounted' };
type Count = Extract<ConnectionCount, { kind: 'counted' }>;

/**
 * What is busy and in flight. Without the kernel's times an idle connection looks like one with a request in flight: by default
 * only what is certain counts then, so that idle connections do not hold the shutdown for the whole limit.
 */
function weighed(
  count: Count,
  { drainConnectionsSource }: Policy,
): { readonly busy: number; readonly inFlight: number } {
  const { timed, certain, busy, inFlight } = count;
  return timed || drainConnectionsSource === 'chosen' ? { busy, inFlight } : { busy: certain, inFlight: certain };
}

/** The known traffic after one more count. */
export function trafficAfter(before: Traffic, { count, at }: Counted, policy: Policy): Traffic {
  if (count.kind === 'uncountable') return count;
  const { open, arrived } = count;
  const { busy } = weighed(count, policy);
  // While connections could not be counted one may have arrived, so it counts as arrived.
  if (arrived > 0 || before.kind === 'uncountable') return { kind: 'counted', open, busy, arrivedAt: at };
  return { kind: 'counted', open, busy, arrivedAt: before.kind === 'counted' ? before.arrivedAt : null };
}

/** A notice when connections cannot be counted any more, not at each further count; none for a wait that nobody asked for. */
export function uncountableNotice(before: Traffic, count: ConnectionCount, policy: Policy): readonly Effect[] {
  if (count.kind !== 'uncountable' || before.kind === 'uncountable' || policy.drainConnections === 0) return [];
  return policy.drainConnectionsSource === 'default' ? [] : [say({ event: 'uncountable', reason: count.reason })];
}
