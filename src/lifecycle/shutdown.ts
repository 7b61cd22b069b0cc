import { appExited } from './aftermath.ts';
import type {
  Draining,
  Effect,
  Event,
  Fault,
  Killing,
  Milliseconds,
  Policy,
  Running,
  Shutdown,
  Signal,
  SkipReason,
  StopCause,
  Stopping,
} from './state.ts';
import {
  enter,
  fromKeyboard,
  hearFarewell,
  hearOnly,
  impossible,
  late,
  passOn,
  type Step,
  say,
  unreachable,
} from './step.ts';

const SIGINT: Signal = 2;
export const SIGTERM: Signal = 15;

export function beginShutdown(state: Running, at: Milliseconds, policy: Policy, cause: StopCause, heard: Effect): Step {
  const received = cause.kind === 'signal' ? cause.signal : SIGTERM;
  const shutdown: Shutdown = { cause, stopSignal: stopSignalFor(received, policy), presses: 1 };
  const quiet: Effect[] = (['startup', 'ready', 'live'] as const)
    .filter((probe) => probe !== 'ready' || policy.readinessOnDrain === 'fail')
    .map((probe) => ({ type: 'stopProbe', probe }));
  const skipped = reasonToSkip(state, policy);
  if (skipped !== null) return signalApp(state, at, policy, shutdown, skipped, [heard, ...quiet]);
  const draining: Draining = {
    kind: 'draining',
    standings: state.standings,
    shutdown,
    pauseEndsAt: at + policy.shutdownDelay,
    timeline: enter(state, 'draining', at),
  };
  const effects: Effect[] = [
    heard,
    ...quiet,
    say({ event: 'draining', cause, pauseMs: policy.shutdownDelay, keyboard: policy.keyboard }),
    { type: 'wakeAt', at: draining.pauseEndsAt },
  ];
  // A worker or a Job has nobody to wait for; who chose the delay gets it all the same.
  if (policy.shutdownDelaySource === 'default') effects.push({ type: 'countListeners' });
  return [draining, effects];
}

/** The pause serves those who may still send requests; without them it only delays. */
function reasonToSkip(state: Running, policy: Policy): SkipReason | null {
  if (state.standings.ready.kind === 'pending') return 'never ready';
  if (state.standings.live.kind === 'failing') return 'not alive';
  return policy.shutdownDelay === 0 ? 'no delay' : null;
}

export function whenDraining(state: Draining, event: Event, policy: Policy): Step {
  switch (event.type) {
    case 'signalReceived': {
      const [heard, effects] = hearDuringShutdown(state, event.signal, policy);
      if (heard.shutdown.presses === state.shutdown.presses) return [heard, effects];
      return signalApp(heard, event.at, policy, heard.shutdown, 'second Ctrl-C', effects);
    }
    case 'terminalLost':
      return hearFarewell(state, event.signal);
    case 'listenersCounted':
      if (event.count !== 0) return [state, []];
      return signalApp(state, event.at, policy, state.shutdown, 'listens on nothing', []);
    case 'deadlinePassed':
      if (event.at < state.pauseEndsAt) return late(state);
      return signalApp(state, event.at, policy, state.shutdown, null, []);
    case 'standingChanged':
      return standingDuringShutdown(state, event, policy);
    case 'childExited':
      return exitDuringShutdown(state, event, policy);
    case 'faulted':
      return stopAfterFault(state, event.at, event.fault, policy);
    case 'begun':
    case 'spawned':
    case 'spawnFailed':
    case 'leftoversFound':
    case 'leftoversGone':
      return impossible(state, event);
    default:
      return unreachable(event);
  }
}

function signalApp(
  state: Running | Draining,
  at: Milliseconds,
  policy: Policy,
  shutdown: Shutdown,
  skipped: SkipReason | null,
  before: readonly Effect[],
): Step {
  const stopping: Stopping = {
    kind: 'stopping',
    standings: state.standings,
    shutdown,
    graceEndsAt: at + policy.grace,
    timeline: enter(state, 'stopping', at),
  };
  return [
    stopping,
    [
      ...before,
      { type: 'stopProbe', probe: 'ready' },
      say({
        event: 'stopping',
        cause: shutdown.cause,
        signal: shutdown.stopSignal,
        graceMs: policy.grace,
        skipped,
      }),
      { type: 'stopApp', signal: shutdown.stopSignal },
      { type: 'wakeAt', at: stopping.graceEndsAt },
    ],
  ];
}

export function whenStopping(state: Stopping | Killing, event: Event, policy: Policy): Step {
  switch (event.type) {
    case 'signalReceived': {
      const [heard, effects] = hearDuringShutdown(state, event.signal, policy);
      const pressed = heard.shutdown.presses !== state.shutdown.presses;
      if (heard.kind === 'killing' || !pressed || heard.shutdown.presses < 3) return [heard, effects];
      return kill(heard, event.at, 'third Ctrl-C', effects);
    }
    case 'terminalLost':
      return hearFarewell(state, event.signal);
    case 'deadlinePassed':
      if (state.kind === 'killing' || event.at < state.graceEndsAt) return late(state);
      return kill(state, event.at, 'grace over', []);
    case 'childExited':
      return exitDuringShutdown(state, event, policy);
    case 'faulted':
      return [{ ...state, shutdown: { ...state.shutdown, cause: { kind: 'fault', fault: event.fault } } }, []];
    case 'standingChanged':
    case 'listenersCounted':
      return late(state);
    case 'begun':
    case 'spawned':
    case 'spawnFailed':
    case 'leftoversFound':
    case 'leftoversGone':
      return impossible(state, event);
    default:
      return unreachable(event);
  }
}

function kill(state: Stopping, at: Milliseconds, why: 'grace over' | 'third Ctrl-C', before: readonly Effect[]): Step {
  const { standings, shutdown } = state;
  const killing: Killing = { kind: 'killing', standings, shutdown, timeline: enter(state, 'killing', at) };
  return [killing, [...before, say({ event: 'killing', why }), { type: 'killApp' }]];
}

/** A stop signal that comes again changes nothing (the kubelet may send it twice); what is no stop signal is passed on. */
function hearDuringShutdown<S extends Draining | Stopping | Killing>(
  state: S,
  signal: Signal,
  policy: Policy,
): Step<S> {
  if (fromKeyboard(signal, policy)) return hearOnly(state, signal, 'from the keyboard');
  const pressed = signal === SIGINT && policy.keyboard === 'escalates' && policy.stopOn.has(SIGINT);
  if (pressed) {
    const shutdown = { ...state.shutdown, presses: state.shutdown.presses + 1 };
    return hearOnly({ ...state, shutdown }, signal, 'repeated');
  }
  if (policy.stopOn.has(signal)) return hearOnly(state, signal, 'repeated');
  return [state, passOn(signal, policy)];
}

/** With `--readiness-on-drain keep` the ready probe goes on through the pause; nothing else is asked any more. */
function standingDuringShutdown(state: Draining, event: Event & { type: 'standingChanged' }, policy: Policy): Step {
  if (policy.readinessOnDrain === 'fail' || event.probe !== 'ready') return late(state);
  return [{ ...state, standings: { ...state.standings, ready: event.standing } }, []];
}

function exitDuringShutdown(
  state: Draining | Stopping | Killing,
  event: Event & { type: 'childExited' },
  policy: Policy,
): Step {
  const { shutdown } = state;
  const sweepEndsAt =
    state.kind === 'stopping' ? state.graceEndsAt : event.at + (state.kind === 'draining' ? policy.grace : 0);
  const fault = shutdown.cause.kind === 'fault' ? shutdown.cause.fault : null;
  const byItself = event.exit.kind === 'code' ? 'exited' : 'signalled';
  const planned = { draining: byItself, stopping: 'stopped', killing: 'killed' } as const;
  const cause = fault === null ? planned[state.kind] : 'fault';
  return appExited(state, event, { cause, fault, stopSignal: shutdown.stopSignal, sweepEndsAt });
}

/** A fault in the lifecycle or process room ends the app in order: no pause, its signal, the grace, SIGKILL, then 70. */
export function stopAfterFault(state: Running | Draining, at: Milliseconds, fault: Fault, policy: Policy): Step {
  const quiet: Effect[] = (['startup', 'live'] as const).map((probe) => ({ type: 'stopProbe', probe }));
  const cause: StopCause = { kind: 'fault', fault };
  const shutdown: Shutdown =
    state.kind === 'draining'
      ? { ...state.shutdown, cause }
      : { cause, stopSignal: stopSignalFor(SIGTERM, policy), presses: 1 };
  return signalApp(state, at, policy, shutdown, 'fault', quiet);
}

export function stopSignalFor(received: Signal, policy: Policy): Signal {
  return policy.stopSignal ?? (policy.rewrite.get(received) || received);
}
