import { known, saidOnce, settle, standingDuringShutdown } from './settling.ts';
import type {
  Draining,
  Effect,
  Event,
  Milliseconds,
  Policy,
  Running,
  Shutdown,
  SkipReason,
  StopCause,
} from './state.ts';
import { enter, impossible, late, type Step, say, unreachable } from './step.ts';
import {
  exitDuringShutdown,
  hearDuringShutdown,
  SIGTERM,
  signalApp,
  stopAfterFault,
  stopSignalFor,
} from './stopping.ts';

export function beginShutdown(state: Running, at: Milliseconds, policy: Policy, cause: StopCause, heard: Effect): Step {
  const received = cause.kind === 'signal' ? cause.signal : SIGTERM;
  const shutdown: Shutdown = { cause, stopSignal: stopSignalFor(received, policy), presses: 1 };
  const quiet: Effect[] = (['startup', 'ready', 'live'] as const)
    .filter((probe) => probe !== 'ready' || policy.readinessOnDrain === 'fail')
    .map((probe) => ({ type: 'stopProbe', probe }));
  const skipped = reasonToSkip(state, policy);
  if (skipped === 'no delay' && policy.drainConnections > 0) {
    return settle(state, at, policy, { shutdown, skipped, traffic: { kind: 'not counted' } }, [heard, ...quiet]);
  }
  if (skipped !== null) return signalApp(state, at, policy, shutdown, skipped, [heard, ...quiet]);
  const draining: Draining = {
    kind: 'draining',
    standings: state.standings,
    shutdown,
    pauseEndsAt: at + policy.shutdownDelay,
    traffic: { kind: 'not counted' },
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
  if (policy.drainConnections > 0) effects.push({ type: 'countConnections' });
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
    case 'listenersCounted':
      if (event.count !== 0) return [state, []];
      return signalApp(state, event.at, policy, state.shutdown, 'listens on nothing', []);
    case 'connectionsCounted':
      return [{ ...state, traffic: known(state.traffic, event) }, saidOnce(state.traffic, event.count)];
    case 'deadlinePassed':
      if (event.at < state.pauseEndsAt) return late(state);
      if (policy.drainConnections === 0) return signalApp(state, event.at, policy, state.shutdown, null, []);
      return settle(state, event.at, policy, { ...state, skipped: null }, []);
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
