import type { Effect } from './effect.ts';
import type { Event } from './event.ts';
import { beginExit } from './exit.ts';
import { isCtrlC, noteHookEnd } from './hook-result.ts';
import type { Policy } from './policy.ts';
import { backOffAfterFailedSpawn } from './restart.ts';
import {
  type Aborting,
  type Exit,
  initialStandings,
  type Milliseconds,
  type Preparing,
  type Running,
  type Signal,
} from './state.ts';
import {
  enter,
  fromKeyboard,
  impossible,
  late,
  noteSignal,
  noteTerminalLoss,
  otherwise,
  passOn,
  SIGKILL,
  type Step,
  say,
  stoppedByTerminalLoss,
} from './step.ts';

/** sysexits(3): EX_UNAVAILABLE and EX_CONFIG. */
const EXIT_UNAVAILABLE = 69;
const EXIT_CONFIG = 78;
const SIGHUP: Signal = 1;

export function whenPreparing(state: Preparing, event: Event, policy: Policy): Step {
  switch (event.type) {
    case 'begun': {
      const [next, effects] = proceed(state, policy);
      return [next, [say({ event: 'starting' }), ...effects]];
    }
    case 'dependenciesMet':
      return state.stage === 'dependencies' ? proceed(state, policy) : late(state);
    case 'dependenciesMissing': {
      if (state.stage !== 'dependencies') return late(state);
      const refusal = { code: EXIT_UNAVAILABLE, detail: event.detail };
      return beginExit({ state, at: event.at, policy, end: { refusal, cause: 'dependencies missing' } });
    }
    case 'hookEnded': {
      const [, notices] = noteHookEnd(state, event);
      if (event.hook !== 'pre-start' || state.stage !== 'pre-start') return [state, notices];
      if (event.failure !== null) {
        const refusal = { code: EXIT_CONFIG, detail: event.failure };
        const end = { refusal, cause: 'pre-start failed' } as const;
        return beginExit({ state, at: event.at, policy, end, before: notices });
      }
      const [next, effects] = proceed(state, policy);
      return [next, [...notices, ...effects]];
    }
    case 'signalReceived': {
      if (!policy.stopOn.has(event.signal)) {
        const held = [...state.held, event.signal];
        return [{ ...state, held }, [say({ event: 'signal', signal: event.signal, outcome: { kind: 'held' } })]];
      }
      const notice = say({ event: 'signal', signal: event.signal, outcome: { kind: 'stops' } });
      return stopBeforeStart({ state, signal: event.signal, at: event.at, policy, notice });
    }
    case 'terminalLost':
      if (policy.terminalLoss === 'ignored') return noteTerminalLoss(state, event.signal);
      // HUP and CONT come in any order; the hook is sent HUP in either case, because CONT ends no process.
      return stopBeforeStart({
        ...{ state, signal: SIGHUP, at: event.at, policy },
        notice: stoppedByTerminalLoss(event.signal),
      });
    case 'spawned': {
      const running: Running = {
        kind: 'running',
        standings: initialStandings,
        postMortems: {},
        passedOn: null,
        timeline: enter(state, 'running', event.at),
        restarts: state.restarts,
      };
      const opening: Effect[] = [say({ event: 'spawned', pid: event.pid }), { type: 'startProbe', probe: 'startup' }];
      return [running, [...opening, ...state.held.flatMap((signal) => passOnHeld(running, signal, policy))]];
    }
    case 'spawnFailed': {
      const end = { failure: event.failure, cause: 'not started' } as const;
      // It was started before, so this may be temporary: the limit of processes, an unavailable disk.
      if (state.restarts.total > 0) return backOffAfterFailedSpawn(state, event.at, policy, end);
      return beginExit({ state, at: event.at, policy, end });
    }
    case 'faulted': {
      const end = { fault: event.fault, cause: 'fault' } as const;
      return beginExit({ state, at: event.at, policy, end, before: [{ type: 'signalHook', signal: SIGKILL }] });
    }
    case 'childExited':
      return impossible(state, event);
    default:
      return otherwise(state, event);
  }
}

/** An app that has just been spawned catches nothing yet; that the signal was passed on is said, and noted, when it was. */
function passOnHeld(state: Running, received: Signal, policy: Policy): readonly Effect[] {
  if (fromKeyboard(received, policy)) return noteSignal(state, received, 'from the keyboard')[1];
  return passOn(received, policy).flatMap((effect): readonly Effect[] => {
    if (effect.type === 'passOn')
      return [{ type: 'passOnOnceCaught', signal: effect.signal, cause: 'received', received }];
    const isSaidLater =
      effect.type === 'say' && effect.notice.event === 'signal' && effect.notice.outcome.kind === 'passed on';
    return isSaidLater ? [] : [effect];
  });
}

/** The next stage: the wait for dependencies, the pre-start hook, the spawn. */
function proceed(state: Preparing, policy: Policy): Step<Preparing> {
  if (state.stage === 'begin' && policy.awaitsDependencies)
    return [{ ...state, stage: 'dependencies' }, [{ type: 'awaitDependencies' }]];
  if (state.stage !== 'pre-start' && policy.hooks.has('pre-start')) {
    const runs = say({ event: 'hook', hook: 'pre-start', outcome: { kind: 'runs' } });
    return [{ ...state, stage: 'pre-start' }, [runs, { type: 'runHook', hook: 'pre-start' }]];
  }
  return [{ ...state, stage: 'spawn' }, [{ type: 'spawn' }]];
}

type StopBeforeStart = {
  readonly state: Preparing;
  readonly signal: Signal;
  readonly at: Milliseconds;
  readonly policy: Policy;
  readonly notice: Effect;
};

function stopBeforeStart({ state, signal, at, policy, notice }: StopBeforeStart): Step {
  if (state.stage !== 'pre-start')
    return beginExit({
      ...{ state, at, policy, end: stoppedBy(signal) },
      before: [notice, ...(state.stage === 'dependencies' ? [{ type: 'stopAwaiting' } as const] : [])],
    });
  const { timeline, restarts } = state;
  const aborting: Aborting = { kind: 'aborting', signal, killAt: at + policy.grace, timeline, restarts };
  return [aborting, [notice, { type: 'signalHook', signal }, { type: 'wakeAt', at: aborting.killAt }]];
}

export function whenAborting(state: Aborting, event: Event, policy: Policy): Step {
  switch (event.type) {
    case 'hookEnded': {
      const [, notices] = noteHookEnd(state, event);
      return event.hook === 'pre-start'
        ? beginExit({ state, at: event.at, policy, end: stoppedBy(state.signal), before: notices })
        : [state, notices];
    }
    case 'deadlinePassed':
      return event.at < state.killAt ? late(state) : [state, [{ type: 'signalHook', signal: SIGKILL }]];
    case 'signalReceived': {
      const step = noteSignal(state, event.signal, policy.stopOn.has(event.signal) ? 'repeated' : 'dropped');
      if (!isCtrlC(event.signal, policy)) return step;
      return [state, [...step[1], { type: 'signalHook', signal: SIGKILL }]];
    }
    case 'terminalLost':
      return noteTerminalLoss(state, event.signal);
    case 'faulted':
      return beginExit({
        ...{ state, at: event.at, policy, end: { fault: event.fault, cause: 'fault' } },
        before: [{ type: 'signalHook', signal: SIGKILL }],
      });
    case 'childExited':
      return impossible(state, event);
    default:
      return otherwise(state, event);
  }
}

function stoppedBy(signal: Signal): { exit: Exit; cause: 'stopped before start' } {
  return { exit: { kind: 'signal', signal }, cause: 'stopped before start' };
}
