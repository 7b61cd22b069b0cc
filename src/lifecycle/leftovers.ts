import type { Effect } from './effect.ts';
import type { Event } from './event.ts';
import { leave } from './exit.ts';
import { heardHook } from './hook-result.ts';
import type { Policy } from './policy.ts';
import { afterlife, backOff, restarting, startAgain } from './restart.ts';
import type {
  Draining,
  Ended,
  Inspecting,
  Killing,
  Milliseconds,
  PreStopping,
  Purging,
  Running,
  Settling,
  Stopping,
  Sweeping,
} from './state.ts';
import { enter, farewell, hearFarewell, hearOnly, impossible, late, otherwise, type Step, say } from './step.ts';

/** What leftovers get when the app ended without a shutdown: long enough to flush, too short to be noticed. */
export const UNPLANNED_SWEEP: Milliseconds = 5_000;
/** How long k8s-run waits to see killed leftovers gone: SIGKILL is prompt unless the kernel itself is stuck. */
export const PURGE_LIMIT: Milliseconds = 1_000;

export function appExited(
  state: Running | PreStopping | Draining | Settling | Stopping | Killing,
  event: Event & { type: 'childExited' },
  known: Pick<Ended, 'cause' | 'stopSignal' | 'next'> & Partial<Ended>,
): Step<Inspecting> {
  const quiet: Effect[] = (['startup', 'ready', 'live'] as const).map((probe) => ({ type: 'stopProbe', probe }));
  const ended: Ended = {
    exit: event.exit,
    fault: null,
    passedOn: null,
    sweepEndsAt: event.at + UNPLANNED_SWEEP,
    ...known,
  };
  const { restarts } = state;
  const inspecting: Inspecting = { kind: 'inspecting', ended, timeline: enter(state, 'sweeping', event.at), restarts };
  return [inspecting, [...quiet, { type: 'findLeftovers' }]];
}

export function whenAppIsGone(state: Inspecting | Sweeping | Purging, event: Event, policy: Policy): Step {
  switch (event.type) {
    case 'leftoversFound':
      return state.kind === 'inspecting' ? sweep(state, event, policy) : late(state);
    case 'leftoversGone':
      return state.kind === 'inspecting' ? late(state) : goOn(state, event.at, policy);
    case 'deadlinePassed':
      if (state.kind === 'sweeping' && event.at >= state.ended.sweepEndsAt) return purge(state, event.at);
      if (state.kind === 'purging' && event.at >= state.purgeEndsAt) {
        return goOn(state, event.at, policy, [say({ event: 'outlived' })]);
      }
      return late(state);
    case 'signalReceived': {
      const { signal } = event;
      if (!policy.stopOn.has(signal)) return hearOnly(state, signal, 'dropped');
      if (afterlife(state.ended, state, policy) === 'exit') return hearOnly(state, signal, 'repeated');
      return [forGood(state), [say({ event: 'signal', signal, outcome: { kind: 'stops' } })]];
    }
    case 'terminalLost':
      if (policy.terminalLoss === 'is nothing' || afterlife(state.ended, state, policy) === 'exit')
        return hearFarewell(state, event.signal);
      return [forGood(state), [farewell(event.signal)]];
    case 'hookEnded':
      return heardHook(state, event);
    case 'faulted':
      return leave(state, event.at, policy, { ...state.ended, fault: event.fault, cause: 'fault' }, [
        { type: 'killLeftovers' },
      ]);
    case 'childExited':
      return impossible(state, event);
    default:
      return otherwise(state, event);
  }
}

function sweep(state: Inspecting, event: Event & { type: 'leftoversFound' }, policy: Policy): Step {
  const { ended } = state;
  if (event.leftovers.length === 0) return goOn(state, event.at, policy);
  const sweeping: Sweeping = { ...state, kind: 'sweeping' };
  const { exit, cause, stopSignal } = ended;
  const named = say({ event: 'leftovers', leftovers: event.leftovers, signal: stopSignal, exit, cause });
  if (event.at >= ended.sweepEndsAt) {
    const [next, effects] = purge(sweeping, event.at);
    return [next, [named, ...effects]];
  }
  return [
    sweeping,
    [named, { type: 'stopLeftovers', signal: ended.stopSignal }, { type: 'wakeAt', at: ended.sweepEndsAt }],
  ];
}

function purge(state: Sweeping, at: Milliseconds): Step<Purging> {
  const purging: Purging = { ...state, kind: 'purging', purgeEndsAt: at + PURGE_LIMIT };
  return [purging, [say({ event: 'purging' }), { type: 'killLeftovers' }, { type: 'wakeAt', at: purging.purgeEndsAt }]];
}

/** Nothing is started again any more. */
function forGood<S extends Inspecting | Sweeping | Purging>(state: S): S {
  return { ...state, ended: { ...state.ended, next: 'exit' } };
}

/** The app and all that it left behind are gone: the exit, or the next life. */
function goOn(
  state: Inspecting | Sweeping | Purging,
  at: Milliseconds,
  policy: Policy,
  before: readonly Effect[] = [],
): Step {
  const { ended } = state;
  switch (afterlife(ended, state, policy)) {
    case 'exit':
      return leave(state, at, policy, ended, before);
    case 'restart':
      return startAgain(state, at, [...before, restarting(state, ended, 0)]);
    case 'back off':
      return backOff(state, at, ended, before);
  }
}
