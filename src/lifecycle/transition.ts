import { appExited, leave, whenAppIsGone } from './aftermath.ts';
import { beginShutdown, SIGTERM, stopAfterFault, stopSignalFor, whenDraining, whenStopping } from './shutdown.ts';
import {
  type Effect,
  type Event,
  type Exit,
  initialStandings,
  type Milliseconds,
  type Policy,
  type Preparing,
  type Running,
  type Signal,
  type State,
} from './state.ts';
import {
  enter,
  enteredAt,
  fromKeyboard,
  hearFarewell,
  hearOnly,
  impossible,
  JOB_CONTROL,
  late,
  passOn,
  type Step,
  say,
  unreachable,
} from './step.ts';

/**
 * Total over every (state, event): it acts, ignores the event because it comes late, or throws `internal error`
 * because nothing in the program may cause it.
 */
export function transition(state: State, event: Event, policy: Policy): Step {
  switch (state.kind) {
    case 'preparing':
      return whenPreparing(state, event, policy);
    case 'running':
      return whenRunning(state, event, policy);
    case 'draining':
      return whenDraining(state, event, policy);
    case 'stopping':
    case 'killing':
      return whenStopping(state, event, policy);
    case 'inspecting':
    case 'sweeping':
    case 'purging':
      return whenAppIsGone(state, event, policy);
    case 'exited':
      return late(state);
    default:
      return unreachable(state);
  }
}

function whenPreparing(state: Preparing, event: Event, policy: Policy): Step {
  switch (event.type) {
    case 'begun':
      return [state, [say({ event: 'starting' }), { type: 'spawn' }]];
    case 'signalReceived': {
      if (!policy.stopOn.has(event.signal)) {
        const held = [...state.held, event.signal];
        return [{ ...state, held }, [say({ event: 'signal', signal: event.signal, outcome: { kind: 'held' } })]];
      }
      const exit: Exit = { kind: 'signal', signal: event.signal };
      const heard = say({ event: 'signal', signal: event.signal, outcome: { kind: 'stops' } });
      return leave(state, event.at, policy, { exit, cause: 'stopped before start' }, [heard]);
    }
    case 'terminalLost': {
      if (policy.terminalLoss === 'is nothing') return hearFarewell(state, event.signal);
      const exit: Exit = { kind: 'signal', signal: event.signal };
      return leave(state, event.at, policy, { exit, cause: 'stopped before start' }, [farewell(event.signal)]);
    }
    case 'spawned': {
      const running: Running = {
        kind: 'running',
        standings: initialStandings,
        passedOn: null,
        timeline: enter(state, 'running', event.at),
      };
      const opening: Effect[] = [say({ event: 'spawned', pid: event.pid }), { type: 'startProbe', probe: 'startup' }];
      let step: Step<Running> = [running, opening];
      for (const signal of state.held) {
        const [next, effects] = relay(step[0], signal, event.at, policy);
        step = [next, [...step[1], ...effects]];
      }
      return step;
    }
    case 'spawnFailed':
      return leave(state, event.at, policy, { failure: event.failure, cause: 'not started' });
    case 'faulted':
      return leave(state, event.at, policy, { fault: event.fault, cause: 'fault' });
    case 'deadlinePassed':
      return late(state);
    case 'standingChanged':
    case 'listenersCounted':
    case 'childExited':
    case 'leftoversFound':
    case 'leftoversGone':
      return impossible(state, event);
    default:
      return unreachable(event);
  }
}

function whenRunning(state: Running, event: Event, policy: Policy): Step {
  switch (event.type) {
    case 'signalReceived': {
      const { signal, at } = event;
      if (fromKeyboard(signal, policy) || !policy.stopOn.has(signal)) return relay(state, signal, at, policy);
      const heard = say({ event: 'signal', signal, outcome: { kind: 'stops' } });
      return beginShutdown(state, at, policy, { kind: 'signal', signal }, heard);
    }
    case 'terminalLost':
      if (policy.terminalLoss === 'is nothing') return hearFarewell(state, event.signal);
      if (policy.stopOn.has(event.signal)) return whenRunning(state, { ...event, type: 'signalReceived' }, policy);
      return beginShutdown(state, event.at, policy, { kind: 'terminal' }, farewell(event.signal));
    case 'standingChanged':
      return whenStandingChanged(state, event);
    case 'childExited': {
      const cause = event.exit.kind === 'code' ? 'exited' : 'signalled';
      return appExited(state, event, { cause, stopSignal: stopSignalFor(SIGTERM, policy), passedOn: state.passedOn });
    }
    case 'faulted':
      return stopAfterFault(state, event.at, event.fault, policy);
    case 'deadlinePassed':
      return late(state);
    case 'begun':
    case 'spawned':
    case 'spawnFailed':
    case 'listenersCounted':
    case 'leftoversFound':
    case 'leftoversGone':
      return impossible(state, event);
    default:
      return unreachable(event);
  }
}

function farewell(signal: Signal): Effect {
  return say({ event: 'signal', signal, outcome: { kind: 'terminal lost', stops: true } });
}

/** What starts no shutdown. Only what did reach the app may be blamed for its exit later. */
function relay(state: Running, signal: Signal, at: Milliseconds, policy: Policy): Step<Running> {
  if (fromKeyboard(signal, policy)) return hearOnly(state, signal, 'from the keyboard');
  const effects = passOn(signal, policy);
  const reached = effects.some((effect) => effect.type === 'passOn') && !JOB_CONTROL.has(signal);
  return [reached ? { ...state, passedOn: { signal, at } } : state, effects];
}

/** Nothing ready or live is asked before the app has started; the answer to `startup` is asked for once. */
function whenStandingChanged(state: Running, event: Event & { type: 'standingChanged' }): Step<Running> {
  const { probe, standing } = event;
  const before = state.standings[probe];
  const next: Running = { ...state, standings: { ...state.standings, [probe]: standing } };
  const afterMs = event.at - enteredAt(state, 'running');
  if (standing.kind === before.kind || standing.kind === 'pending') return [next, []];
  if (probe === 'startup') {
    if (standing.kind === 'failing') return [next, []];
    return [
      next,
      [
        { type: 'stopProbe', probe: 'startup' },
        say({ event: 'started', afterMs }),
        { type: 'startProbe', probe: 'ready' },
        { type: 'startProbe', probe: 'live' },
      ],
    ];
  }
  if (probe === 'ready') {
    if (standing.kind === 'passing') return [next, [say({ event: 'ready', afterMs })]];
    return [next, [say({ event: 'unready', reason: standing.reason })]];
  }
  if (standing.kind === 'passing') return [next, [say({ event: 'live' })]];
  return [next, [say({ event: 'unlive', reason: standing.reason })]];
}
