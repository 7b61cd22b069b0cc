import type { Effect } from './effect.ts';
import type { ConnectionCount, Event } from './event.ts';
import { heardHook } from './hook-result.ts';
import type { Policy } from './policy.ts';
import type { Draining, Milliseconds, PreStopping, Running, Settling, Shutdown, SkipReason, Traffic } from './state.ts';
import { enter, late, otherwise, type Step, say } from './step.ts';
import { exitDuringShutdown, hearDuringShutdown, loseTerminal, signalApp, stopAfterFault } from './stopping.ts';

/**
 * No new connection for so long, and nobody sends any more. kube-proxy writes what it has learned to its node at most once
 * a second (`--iptables-min-sync-period`, `--ipvs-min-sync-period`), so whoever still had this pod in its rules has had
 * one more turn by then.
 */
export const QUIET: Milliseconds = 1_000;

/**
 * Clients that ask again and again on connections that they keep are busy until the limit, and whatever is in hand when it comes is
 * cut. So the signal is sent between two requests, where the last part of the limit has such a moment: a second has
 * many for a pod that answers a hundred requests in it, and a tenth of the limit is not missed by who needs the whole of it.
 */
const CHOICE_MOST: Milliseconds = 1_000;
const CHOICE_SHARE = 0.1;
export const choiceOf = (limit: Milliseconds): Milliseconds => Math.min(CHOICE_MOST, limit * CHOICE_SHARE);

type Before = { readonly shutdown: Shutdown; readonly skipped: SkipReason | null; readonly traffic: Traffic };

/** After the pause: the app is signalled once it is not busy and nobody new comes; else between two requests, at the limit at the latest. */
export function settle(
  state: Running | PreStopping | Draining,
  at: Milliseconds,
  policy: Policy,
  { shutdown, skipped, traffic }: Before,
  before: readonly Effect[],
): Step {
  const settling: Settling = {
    kind: 'settling',
    standings: state.standings,
    shutdown,
    skipped,
    limitEndsAt: at + policy.drainConnections,
    traffic,
    timeline: enter(state, 'settling', at),
    restarts: state.restarts,
  };
  return [
    settling,
    [
      ...before,
      say({ event: 'settling', limitMs: policy.drainConnections, traffic, keyboard: policy.keyboard }),
      { type: 'wakeAt', at: settling.limitEndsAt },
      // What was seen a moment ago is not what is: without traffic this count ends the wait.
      { type: 'countConnections', closelyFrom: settling.limitEndsAt - choiceOf(policy.drainConnections) },
    ],
  ];
}

export function whenSettling(state: Settling, event: Event, policy: Policy): Step {
  switch (event.type) {
    case 'connectionsCounted': {
      const traffic = known(state.traffic, event);
      const said = saidOnce(state.traffic, event.count);
      const next: Settling = { ...state, traffic };
      const ended = whyNow(state, event, traffic, policy);
      if (ended === null) return [next, said];
      return signalApp(next, event.at, policy, state.shutdown, state.skipped, said, { ended, traffic });
    }
    case 'deadlinePassed': {
      if (event.at < state.limitEndsAt) return late(state);
      const waited = { ended: 'limit', traffic: state.traffic } as const;
      return signalApp(state, event.at, policy, state.shutdown, state.skipped, [], waited);
    }
    case 'signalReceived': {
      const [heard, effects] = hearDuringShutdown(state, event.signal, policy);
      if (heard.shutdown.presses === state.shutdown.presses) return [heard, effects];
      return signalApp(heard, event.at, policy, heard.shutdown, 'second Ctrl-C', effects);
    }
    case 'standingChanged':
      return standingDuringShutdown(state, event, policy);
    case 'terminalLost':
      return loseTerminal(state, event.signal, policy);
    case 'childExited':
      return exitDuringShutdown(state, event, policy);
    case 'faulted':
      return stopAfterFault(state, event.at, event.fault, policy);
    case 'hookEnded':
      return heardHook(state, event);
    default:
      return otherwise(state, event);
  }
}

/** Why the wait ends with this count; null: it goes on. */
function whyNow(
  { limitEndsAt }: Settling,
  { at, count }: Event & { type: 'connectionsCounted' },
  traffic: Traffic,
  { drainConnections }: Policy,
): 'none busy' | 'none in hand' | null {
  if (isSettled(traffic, at)) return 'none busy';
  const isChoice = at >= limitEndsAt - choiceOf(drainConnections);
  return isChoice && count.kind === 'counted' && count.inHand === 0 ? 'none in hand' : null;
}

function isSettled(traffic: Traffic, at: Milliseconds): boolean {
  if (traffic.kind !== 'counted' || traffic.busy > 0) return false;
  return traffic.arrivedAt === null || at - traffic.arrivedAt >= QUIET;
}

/** What is known after one more count. */
export function known(before: Traffic, event: Event & { type: 'connectionsCounted' }): Traffic {
  const { count, at } = event;
  if (count.kind === 'uncountable') return count;
  const { open, busy, arrived } = count;
  // Whether somebody came while nothing could be counted is not known.
  if (arrived > 0 || before.kind === 'uncountable') return { kind: 'counted', open, busy, arrivedAt: at };
  return { kind: 'counted', open, busy, arrivedAt: before.kind === 'counted' ? before.arrivedAt : null };
}

/** That connections cannot be counted is said when it begins to be so. */
export function saidOnce(before: Traffic, count: ConnectionCount): readonly Effect[] {
  if (count.kind !== 'uncountable' || before.kind === 'uncountable') return [];
  return [say({ event: 'uncountable', reason: count.reason })];
}

/** With `--readiness-on-drain keep` the ready probe goes on until the app is signalled; nothing else is asked any more. */
export function standingDuringShutdown(
  state: PreStopping | Draining | Settling,
  event: Event & { type: 'standingChanged' },
  policy: Policy,
): Step {
  if (policy.readinessOnDrain === 'fail' || event.probe !== 'ready') return late(state);
  return [{ ...state, standings: { ...state.standings, ready: event.standing } }, []];
}
