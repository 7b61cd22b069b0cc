import type { Effect } from './effect.ts';
import type { Event } from './event.ts';
import { beginExit } from './exit.ts';
import { noteHookEnd } from './hook-result.ts';
import type { Policy } from './policy.ts';
import type { AppEnd, BackingOff, EndReason, Milliseconds, Preparing, State } from './state.ts';
import {
  enter,
  enteredAt,
  impossible,
  late,
  noteSignal,
  noteTerminalLoss,
  otherwise,
  type Step,
  say,
  stoppedByTerminalLoss,
} from './step.ts';

/** The back-off before the first restart in a row, which doubles with each: long enough for a port to become free … */
export const FIRST_BACK_OFF: Milliseconds = 500;
/** … up to here. The kubelet's back-off goes up to five minutes; a restart in place is chosen in order to be faster. */
export const LONGEST_BACK_OFF: Milliseconds = 30_000;
/** An app that ran for this long is not in a crash loop, so its next restart is the first in a row. */
export const BACK_OFF_RESET_AFTER: Milliseconds = 60_000;

/** What follows when the app and its leftovers are gone. */
export function whatFollows(ended: AppEnd, state: State, policy: Policy): 'exit' | 'restart' | 'back off' {
  if (ended.next === 'exit' || ended.fault !== null) return 'exit';
  if (ended.next === 'restart') return 'restart';
  return mayRestart(ended, consecutive(state), policy) ? 'back off' : 'exit';
}

function mayRestart(end: EndReason, row: number, policy: Policy): boolean {
  if (policy.restart === 'never') return false;
  const wellDone = end.exit?.kind === 'code' && end.exit.code === 0;
  if (policy.restart === 'on-failure' && wellDone) return false;
  return policy.restartLimit === null || row < policy.restartLimit;
}

/** Restarts in a row so far: 0 when the app has just run for BACK_OFF_RESET_AFTER. */
function consecutive(state: State): number {
  const ran = enteredAt(state, 'leftovers') - enteredAt(state, 'running');
  return ran >= BACK_OFF_RESET_AFTER ? 0 : state.restarts.consecutive;
}

/** The app could not be restarted: another back-off, or the exit. */
export function backOffAfterFailedSpawn(state: Preparing, at: Milliseconds, policy: Policy, end: EndReason): Step {
  return mayRestart(end, state.restarts.consecutive, policy)
    ? backOff(state, at, end, [])
    : beginExit({ state, at, policy, end });
}

export function backOff(state: State, at: Milliseconds, end: EndReason, before: readonly Effect[]): Step<BackingOff> {
  const row = consecutive(state);
  const delay = Math.min(FIRST_BACK_OFF * 2 ** row, LONGEST_BACK_OFF);
  const restarts = { total: state.restarts.total, consecutive: row + 1 };
  const backingOff: BackingOff = {
    kind: 'backingOff',
    end,
    resumesAt: at + delay,
    timeline: enter(state, 'backingOff', at),
    restarts,
  };
  return [backingOff, [...before, restarting(state, end, delay), { type: 'wakeAt', at: backingOff.resumesAt }]];
}

export function restarting(state: State, end: EndReason, delayMs: Milliseconds): Effect {
  const { cause, exit = null, failure = null } = end;
  return say({ event: 'restarting', cause, exit, failure, delayMs, count: state.restarts.total + 1 });
}

/** Begins the next life. It keeps only the number of restarts of the last one. */
export function restartNow(state: State, at: Milliseconds, before: readonly Effect[]): Step<Preparing> {
  const { total, consecutive: row } = state.restarts;
  const preparing: Preparing = {
    kind: 'preparing',
    stage: 'spawn',
    held: [],
    timeline: [{ phase: 'preparing', at }],
    restarts: { total: total + 1, consecutive: row },
  };
  return [preparing, [...before, { type: 'spawn' }]];
}

export function whenBackingOff(state: BackingOff, event: Event, policy: Policy): Step {
  switch (event.type) {
    case 'deadlinePassed':
      return event.at < state.resumesAt ? late(state) : restartNow(state, event.at, []);
    case 'signalReceived': {
      const { signal, at } = event;
      if (!policy.stopOn.has(signal)) return noteSignal(state, signal, 'dropped');
      const before = [say({ event: 'signal', signal, outcome: { kind: 'stops' } })];
      return beginExit({ state, at, policy, end: state.end, before });
    }
    case 'terminalLost':
      if (policy.terminalLoss === 'ignored') return noteTerminalLoss(state, event.signal);
      return beginExit({
        ...{ state, at: event.at, policy, end: state.end },
        before: [stoppedByTerminalLoss(event.signal)],
      });
    case 'hookEnded':
      return noteHookEnd(state, event);
    case 'faulted':
      return beginExit({ state, at: event.at, policy, end: { ...state.end, fault: event.fault, cause: 'fault' } });
    case 'childExited':
      return impossible(state, event);
    default:
      return otherwise(state, event);
  }
}
