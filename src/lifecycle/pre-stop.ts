import { startDelay } from './delaying.ts';
import {
  exitDuringShutdown,
  signalDuringShutdown,
  standingDuringShutdown,
  terminalLostDuringShutdown,
} from './during-shutdown.ts';
import type { Effect } from './effect.ts';
import type { Event } from './event.ts';
import { noteHookEnd } from './hook-result.ts';
import type { Policy } from './policy.ts';
import { signalApp, stopAfterFault, stopSignalFor } from './signal-app.ts';
import type { Milliseconds, PreStop, Running, Shutdown, StopCause } from './state.ts';
import { enter, otherwise, SIGKILL, SIGTERM, type Step } from './step.ts';
import { dependsOnListeners, drainsWithout, reasonToSkipDelay, sayTerminating } from './terminating.ts';

export type ShutdownRequest = {
  readonly at: Milliseconds;
  readonly policy: Policy;
  readonly cause: StopCause;
  /** The notice of what began the shutdown. */
  readonly notice: Effect;
};

/** Begins the shutdown: readiness fails, and the pre-stop hook runs or the delay begins. */
export function beginShutdown(state: Running, { at, policy, cause, notice }: ShutdownRequest): Step {
  const received = cause.kind === 'signal' ? cause.signal : SIGTERM;
  const shutdown: Shutdown = { cause, stopSignal: stopSignalFor(received, policy), ctrlCCount: 1 };
  const stopProbes: Effect[] = (['startup', 'ready', 'live'] as const)
    .filter((probe) => probe !== 'ready' || policy.readinessOnDrain === 'fail')
    .map((probe) => ({ type: 'stopProbe', probe }));
  const hasHook = policy.hooks.has('pre-stop');
  const before = [notice, ...stopProbes, ...terminating(state, policy, cause, hasHook)];
  if (!hasHook) return startDelay({ state, at, policy, shutdown, before });
  const { standings, postMortems, restarts } = state;
  const preStop: PreStop = {
    kind: 'preStop',
    standings,
    postMortems,
    shutdown,
    timeline: enter(state, 'preStop', at),
    restarts,
  };
  return [preStop, [...before, { type: 'runHook', hook: 'pre-stop' }]];
}

/**
 * Says that the shutdown has begun; whenDelaying says it later where it must be known first whether the app listens on anything.
 * `--drain-signal` is sent unless the app gets its signal now as well.
 */
function terminating(state: Running, policy: Policy, cause: StopCause, preStop: boolean): readonly Effect[] {
  const skipped = reasonToSkipDelay(state, policy);
  const isSignalledLater = preStop || skipped === null || drainsWithout(skipped, policy);
  const drainSignal = isSignalledLater ? policy.drainSignal : null;
  const delayMs = skipped === null ? policy.shutdownDelay : 0;
  const isSaidLater = !preStop && dependsOnListeners(skipped, policy);
  return [
    ...(drainSignal === null
      ? []
      : [{ type: 'passOnOnceCaught', signal: drainSignal, cause: 'drain-signal', received: null } as const]),
    ...(isSaidLater ? [] : [sayTerminating({ cause, delayMs, preStop, drainSignal }, policy)]),
  ];
}

/** The pre-stop hook runs. It may deregister the pod at a load balancer, which then has the delay to act on that. */
export function whenPreStop(state: PreStop, event: Event, policy: Policy): Step {
  const killHook: Effect = { type: 'signalHook', signal: SIGKILL };
  switch (event.type) {
    case 'hookEnded': {
      const [, before] = noteHookEnd(state, event);
      if (event.hook !== 'pre-stop') return [state, before];
      return startDelay({ state, at: event.at, policy, shutdown: state.shutdown, before });
    }
    case 'signalReceived': {
      const [next, effects] = signalDuringShutdown(state, event.signal, policy);
      const { shutdown } = next;
      if (shutdown.ctrlCCount === state.shutdown.ctrlCCount) return [next, effects];
      const before = [...effects, killHook];
      return signalApp({ state: next, at: event.at, policy, shutdown, skipped: 'second Ctrl-C', before });
    }
    case 'standingChanged':
      return standingDuringShutdown(state, event, policy);
    case 'terminalLost':
      return terminalLostDuringShutdown(state, event.signal, policy);
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
