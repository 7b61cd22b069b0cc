import { known, saidOnce, settle, standingDuringShutdown } from './draining.ts';
import type { Effect } from './effect.ts';
import type { Event } from './event.ts';
import { heardHook } from './hook-result.ts';
import type { Policy } from './policy.ts';
import type { Draining, Milliseconds, PreStopping, Running, Shutdown, SkipReason, StopCause } from './state.ts';
import { enter, late, otherwise, type Step, say } from './step.ts';
import {
  exitDuringShutdown,
  hearDuringShutdown,
  loseTerminal,
  SIGKILL,
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
  if (!policy.hooks.has('pre-stop')) return pause(state, at, policy, shutdown, [heard, ...quiet]);
  const preStopping: PreStopping = {
    kind: 'preStopping',
    standings: state.standings,
    shutdown,
    timeline: enter(state, 'preStopping', at),
    restarts: state.restarts,
  };
  return [
    preStopping,
    [
      heard,
      ...quiet,
      say({
        event: 'draining',
        readiness: readinessIn(policy),
        cause,
        pauseMs: reasonToSkip(state, policy) === null ? policy.shutdownDelay : 0,
        preStop: true,
        keyboard: policy.keyboard,
      }),
      { type: 'runHook', hook: 'pre-stop' },
    ],
  ];
}

/** The hook may tell a registry or a load balancer, which then have the pause to act on it. */
export function whenPreStopping(state: PreStopping, event: Event, policy: Policy): Step {
  const killHook: Effect = { type: 'signalHook', signal: SIGKILL };
  switch (event.type) {
    case 'hookEnded': {
      const [, heard] = heardHook(state, event);
      return event.hook === 'pre-stop' ? pause(state, event.at, policy, state.shutdown, heard) : [state, heard];
    }
    case 'signalReceived': {
      const [heard, effects] = hearDuringShutdown(state, event.signal, policy);
      if (heard.shutdown.presses === state.shutdown.presses) return [heard, effects];
      return signalApp(heard, event.at, policy, heard.shutdown, 'second Ctrl-C', [...effects, killHook]);
    }
    case 'standingChanged':
      return standingDuringShutdown(state, event, policy);
    case 'terminalLost':
      return loseTerminal(state, event.signal, policy);
    case 'childExited': {
      const [next, effects] = exitDuringShutdown(state, event, policy);
      return [next, [killHook, ...effects]];
    }
    case 'faulted': {
      const [next, effects] = stopAfterFault(state, event.at, event.fault, policy);
      return [next, [killHook, ...effects]];
    }
    default:
      return otherwise(state, event);
  }
}

function pause(
  state: Running | PreStopping,
  at: Milliseconds,
  policy: Policy,
  shutdown: Shutdown,
  before: readonly Effect[],
): Step {
  const skipped = reasonToSkip(state, policy);
  if (skipped === 'no delay' && policy.drainConnections > 0) {
    return settle(state, at, policy, { shutdown, skipped, traffic: { kind: 'not counted' } }, before);
  }
  if (skipped !== null) return signalApp(state, at, policy, shutdown, skipped, before);
  const draining: Draining = {
    kind: 'draining',
    standings: state.standings,
    shutdown,
    pauseEndsAt: at + policy.shutdownDelay,
    traffic: { kind: 'not counted' },
    timeline: enter(state, 'draining', at),
    restarts: state.restarts,
  };
  const effects: Effect[] = [...before];
  if (state.kind === 'running') {
    const { cause } = shutdown;
    const { shutdownDelay: pauseMs, keyboard } = policy;
    effects.push(say({ event: 'draining', readiness: readinessIn(policy), cause, pauseMs, preStop: false, keyboard }));
  }
  effects.push({ type: 'wakeAt', at: draining.pauseEndsAt });
  // A worker or a Job has nobody to wait for; who chose the delay gets it all the same.
  if (policy.shutdownDelaySource === 'default') effects.push({ type: 'countListeners' });
  if (policy.drainConnections > 0) effects.push({ type: 'countConnections', closelyFrom: null });
  return [draining, effects];
}

const readinessIn = ({ readinessOnDrain }: Policy): 'fails' | 'is kept' =>
  readinessOnDrain === 'keep' ? 'is kept' : 'fails';

/** The pause serves those who may still send requests; without them it only delays. */
function reasonToSkip(state: Running | PreStopping, policy: Policy): SkipReason | null {
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
