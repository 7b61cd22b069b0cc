import {
  exitDuringShutdown,
  signalDuringShutdown,
  standingDuringShutdown,
  terminalLostDuringShutdown,
} from './during-shutdown.ts';
import type { Effect } from './effect.ts';
import type { ConnectionCount, Event } from './event.ts';
import { noteHookEnd } from './hook-result.ts';
import type { Policy } from './policy.ts';
import { signalApp, stopAfterFault } from './signal-app.ts';
import type { Delaying, Draining, Milliseconds, PreStop, Running, Shutdown, SkipReason, Traffic } from './state.ts';
import { enter, late, otherwise, type Step, say } from './step.ts';

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
 * limit.
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
  const limitMs = policy.drainConnections;
  const draining: Draining = {
    kind: 'draining',
    standings: state.standings,
    shutdown,
    skipped,
    limitEndsAt: at + limitMs,
    traffic,
    timeline: enter(state, 'draining', at),
    restarts: state.restarts,
  };
  return [
    draining,
    [
      ...before,
      say({ event: 'draining', limitMs, traffic, keyboard: policy.keyboard }),
      { type: 'wakeAt', at: draining.limitEndsAt },
      // The last count may be old. A new one ends the wait at once when there are no connections.
      { type: 'countConnections', shortestIntervalFrom: draining.limitEndsAt - gapWindowOf(limitMs) },
    ],
  ];
}

export function whenDraining(state: Draining, event: Event, policy: Policy): Step {
  const { shutdown, skipped } = state;
  switch (event.type) {
    case 'connectionsCounted': {
      const traffic = trafficAfter(state.traffic, event);
      const before = uncountableNotice(state.traffic, event.count);
      const next: Draining = { ...state, traffic };
      const ended = endOfWait(state, event, traffic, policy);
      if (ended === null) return [next, before];
      return signalApp({ state: next, at: event.at, policy, shutdown, skipped, before, waited: { ended, traffic } });
    }
    case 'deadlinePassed': {
      if (event.at < state.limitEndsAt) return late(state);
      const waited = { ended: 'limit', traffic: state.traffic } as const;
      return signalApp({ state, at: event.at, policy, shutdown, skipped, waited });
    }
    case 'signalReceived': {
      const [next, before] = signalDuringShutdown(state, event.signal, policy);
      if (next.shutdown.ctrlCCount === shutdown.ctrlCCount) return [next, before];
      const { at } = event;
      return signalApp({ state: next, at, policy, shutdown: next.shutdown, skipped: 'second Ctrl-C', before });
    }
    case 'standingChanged':
      return standingDuringShutdown(state, event, policy);
    case 'terminalLost':
      return terminalLostDuringShutdown(state, event.signal, policy);
    case 'childExited':
      return exitDuringShutdown(state, event, policy);
    case 'faulted':
      return stopAfterFault(state, event.at, event.fault, policy);
    case 'hookEnded':
      return noteHookEnd(state, event);
    default:
      return otherwise(state, event);
  }
}

/** Why this count ends the wait; null: it goes on. */
function endOfWait(
  { limitEndsAt }: Draining,
  { at, count }: Event & { type: 'connectionsCounted' },
  traffic: Traffic,
  { drainConnections }: Policy,
): 'none busy' | 'none in flight' | null {
  if (isDrained(traffic, at)) return 'none busy';
  const inGapWindow = at >= limitEndsAt - gapWindowOf(drainConnections);
  return inGapWindow && count.kind === 'counted' && count.inFlight === 0 ? 'none in flight' : null;
}

function isDrained(traffic: Traffic, at: Milliseconds): boolean {
  if (traffic.kind !== 'counted' || traffic.busy > 0) return false;
  return traffic.arrivedAt === null || at - traffic.arrivedAt >= QUIET_PERIOD;
}

/** The known traffic after one more count. */
export function trafficAfter(before: Traffic, { count, at }: Event & { type: 'connectionsCounted' }): Traffic {
  if (count.kind === 'uncountable') return count;
  const { open, busy, arrived } = count;
  // While connections could not be counted one may have arrived, so it counts as arrived.
  if (arrived > 0 || before.kind === 'uncountable') return { kind: 'counted', open, busy, arrivedAt: at };
  return { kind: 'counted', open, busy, arrivedAt: before.kind === 'counted' ? before.arrivedAt : null };
}

/** A notice when connections cannot be counted any more, not at each further count. */
export function uncountableNotice(before: Traffic, count: ConnectionCount): readonly Effect[] {
  if (count.kind !== 'uncountable' || before.kind === 'uncountable') return [];
  return [say({ event: 'uncountable', reason: count.reason })];
}
