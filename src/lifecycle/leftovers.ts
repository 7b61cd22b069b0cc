import type { Effect } from './effect.ts';
import type { Event } from './event.ts';
import { beginExit } from './exit.ts';
import { noteHookEnd } from './hook-result.ts';
import type { Policy } from './policy.ts';
import { endPostMortems } from './post-mortem.ts';
import { backOff, restarting, restartNow, whatFollows } from './restart.ts';
import type {
  AppEnd,
  BeforeKill,
  Delaying,
  Draining,
  FindingLeftovers,
  Killing,
  KillingLeftovers,
  Milliseconds,
  PreStop,
  Running,
  Stopping,
  StoppingLeftovers,
} from './state.ts';
import {
  enter,
  impossible,
  late,
  noteSignal,
  noteTerminalLoss,
  otherwise,
  type Step,
  say,
  stoppedByTerminalLoss,
} from './step.ts';

/** The grace of leftovers when the app exited without a shutdown: long enough to flush data, and a short addition to the exit. */
export const LEFTOVER_GRACE: Milliseconds = 5_000;
/** How long k8s-run waits for what it has killed. SIGKILL acts at once unless a process hangs in the kernel, or may not be signalled. */
export const KILL_LIMIT: Milliseconds = 1_000;

export function appExited(
  state: Running | PreStop | Delaying | Draining | Stopping | BeforeKill | Killing,
  event: Event & { type: 'childExited' },
  known: Pick<AppEnd, 'cause' | 'stopSignal' | 'next'> & Partial<AppEnd>,
): Step<FindingLeftovers> {
  const stopProbes: Effect[] = (['startup', 'ready', 'live'] as const).map((probe) => ({ type: 'stopProbe', probe }));
  const ended: AppEnd = {
    exit: event.exit,
    fault: null,
    passedOn: null,
    leftoverGraceEndsAt: event.at + LEFTOVER_GRACE,
    ...known,
  };
  const { restarts } = state;
  const findingLeftovers: FindingLeftovers = {
    kind: 'findingLeftovers',
    ended,
    timeline: enter(state, 'leftovers', event.at),
    restarts,
  };
  const [, ends] = endPostMortems(state, 'the app has exited');
  return [findingLeftovers, [...ends, ...stopProbes, { type: 'findLeftovers' }]];
}

export function whenAppExited(
  state: FindingLeftovers | StoppingLeftovers | KillingLeftovers,
  event: Event,
  policy: Policy,
): Step {
  switch (event.type) {
    case 'leftoversFound':
      return state.kind === 'findingLeftovers' ? stopLeftovers(state, event, policy) : late(state);
    case 'leftoversGone':
      return state.kind === 'findingLeftovers' ? late(state) : afterLeftovers(state, event.at, policy);
    case 'deadlinePassed':
      if (state.kind === 'stoppingLeftovers' && event.at >= state.ended.leftoverGraceEndsAt)
        return killLeftovers(state, event.at);
      if (state.kind === 'killingLeftovers' && event.at >= state.killEndsAt) {
        return afterLeftovers(state, event.at, policy, [say({ event: 'leftoversRemain' })]);
      }
      return late(state);
    case 'signalReceived': {
      const { signal } = event;
      if (!policy.stopOn.has(signal)) return noteSignal(state, signal, 'dropped');
      if (whatFollows(state.ended, state, policy) === 'exit') return noteSignal(state, signal, 'repeated');
      return [withoutRestart(state), [say({ event: 'signal', signal, outcome: { kind: 'stops' } })]];
    }
    case 'terminalLost':
      if (policy.terminalLoss === 'ignored' || whatFollows(state.ended, state, policy) === 'exit')
        return noteTerminalLoss(state, event.signal);
      return [withoutRestart(state), [stoppedByTerminalLoss(event.signal)]];
    case 'hookEnded':
      return noteHookEnd(state, event);
    case 'faulted':
      return beginExit({
        ...{ state, at: event.at, policy },
        end: { ...state.ended, fault: event.fault, cause: 'fault' },
        before: [{ type: 'killLeftovers' }],
      });
    case 'childExited':
      return impossible(state, event);
    default:
      return otherwise(state, event);
  }
}

function stopLeftovers(state: FindingLeftovers, event: Event & { type: 'leftoversFound' }, policy: Policy): Step {
  const { ended } = state;
  if (event.leftovers.length === 0) return afterLeftovers(state, event.at, policy);
  const stoppingLeftovers: StoppingLeftovers = { ...state, kind: 'stoppingLeftovers' };
  const { exit, cause, stopSignal } = ended;
  const named = say({ event: 'leftovers', leftovers: event.leftovers, signal: stopSignal, exit, cause });
  // No signal reaches them, so their exit is not waited for.
  if (!event.leftovers.some(({ permitted }) => permitted)) return afterLeftovers(state, event.at, policy, [named]);
  if (event.at >= ended.leftoverGraceEndsAt) {
    const [next, effects] = killLeftovers(stoppingLeftovers, event.at);
    return [next, [named, ...effects]];
  }
  return [
    stoppingLeftovers,
    [named, { type: 'stopLeftovers', signal: ended.stopSignal }, { type: 'wakeAt', at: ended.leftoverGraceEndsAt }],
  ];
}

function killLeftovers(state: StoppingLeftovers, at: Milliseconds): Step<KillingLeftovers> {
  const killingLeftovers: KillingLeftovers = { ...state, kind: 'killingLeftovers', killEndsAt: at + KILL_LIMIT };
  return [
    killingLeftovers,
    [
      say({ event: 'killingLeftovers' }),
      { type: 'killLeftovers' },
      { type: 'wakeAt', at: killingLeftovers.killEndsAt },
    ],
  ];
}

/** The app is not restarted any more. */
function withoutRestart<S extends FindingLeftovers | StoppingLeftovers | KillingLeftovers>(state: S): S {
  return { ...state, ended: { ...state.ended, next: 'exit' } };
}

/** The app and its leftovers are gone: the exit, or a restart. */
function afterLeftovers(
  state: FindingLeftovers | StoppingLeftovers | KillingLeftovers,
  at: Milliseconds,
  policy: Policy,
  before: readonly Effect[] = [],
): Step {
  const { ended } = state;
  switch (whatFollows(ended, state, policy)) {
    case 'exit':
      return beginExit({ state, at, policy, end: ended, before });
    case 'restart':
      return restartNow(state, at, [...before, restarting(state, ended, 0)]);
    case 'back off':
      return backOff(state, at, ended, before);
  }
}
