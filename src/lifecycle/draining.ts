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
 * No new connection for this long: no client sends to this pod any more. kube-proxy writes what it has learned to its node at
 * most once a second (`--iptables-min-sync-period`, `--ipvs-min-sync-period`), so a node that still had this pod in its rules
 * has had one more sync by then.
 */
export const QUIET_PERIOD: Milliseconds = 1_000;

/**
 * Clients that send request after request on kept connections are busy until the limit, and what is in flight then would be
 * cut. So in the last part of the limit the signal is sent at a moment between two requests: a second has many such moments
 * for a pod that answers a hundred requests in it, and who needs the whole limit does not miss a tenth of it.
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
  /** What is done first. */
  readonly before: readonly Effect[];
};

/** Waits until nothing is in flight and no new connection comes; else for a moment between two requests, or the limit. */
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
      // A new count, because the last one may be old: without connections it ends the wait at once.
      { type: 'countConnections', closelyFrom: draining.limitEndsAt - gapWindowOf(limitMs) },
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
      if (next.shutdown.presses === shutdown.presses) return [next, before];
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

/** Why the wait ends with this count; null: it goes on. */
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

/** What is known after one more count. */
export function trafficAfter(before: Traffic, { count, at }: Event & { type: 'connectionsCounted' }): Traffic {
  if (count.kind === 'uncountable') return count;
  const { open, busy, arrived } = count;
  // Whether a connection arrived while none could be counted is not known, so one is taken to have.
  if (arrived > 0 || before.kind === 'uncountable') return { kind: 'counted', open, busy, arrivedAt: at };
  return { kind: 'counted', open, busy, arrivedAt: before.kind === 'counted' ? before.arrivedAt : null };
}

/** That connections cannot be counted is said once, when it begins to be so. */
export function uncountableNotice(before: Traffic, count: ConnectionCount): readonly Effect[] {
  if (count.kind !== 'uncountable' || before.kind === 'uncountable') return [];
  return [say({ event: 'uncountable', reason: count.reason })];
}
