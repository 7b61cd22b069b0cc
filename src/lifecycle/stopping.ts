import type { Effect } from './effect.ts';
import type { Event } from './event.ts';
import { heardHook } from './hook-result.ts';
import { appExited } from './leftovers.ts';
import type { Policy } from './policy.ts';
import type {
  Draining,
  Fault,
  Killing,
  Milliseconds,
  PreStopping,
  Running,
  Settling,
  Shutdown,
  Signal,
  SkipReason,
  StopCause,
  Stopping,
  Waited,
} from './state.ts';
import {
  enter,
  farewell,
  fromKeyboard,
  hearFarewell,
  hearOnly,
  late,
  otherwise,
  passOn,
  type Step,
  say,
} from './step.ts';

const SIGINT: Signal = 2;
export const SIGKILL: Signal = 9;
export const SIGTERM: Signal = 15;

/** The signal, at last. `skipped`: why there was no pause, or no more of it. */
export function signalApp(
  state: Running | PreStopping | Draining | Settling,
  at: Milliseconds,
  policy: Policy,
  shutdown: Shutdown,
  skipped: SkipReason | null,
  before: readonly Effect[],
  waited: Waited = null,
): Step {
  const stopping: Stopping = {
    kind: 'stopping',
    standings: state.standings,
    shutdown,
    skipped,
    waited,
    graceEndsAt: at + policy.grace,
    timeline: enter(state, 'stopping', at),
    restarts: state.restarts,
  };
  return [
    stopping,
    [
      ...before,
      // First: what is said costs a millisecond, in which a request can come where the moment was chosen for having none.
      { type: 'stopApp', signal: shutdown.stopSignal },
      { type: 'stopProbe', probe: 'ready' },
      ...(state.kind === 'draining' || state.kind === 'settling' ? countingStops(policy) : []),
      say({
        event: 'stopping',
        cause: shutdown.cause,
        signal: shutdown.stopSignal,
        graceMs: policy.grace,
        skipped,
        waited,
      }),
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
    case 'deadlinePassed':
      if (state.kind === 'killing' || event.at < state.graceEndsAt) return late(state);
      return kill(state, event.at, 'grace over', []);
    case 'terminalLost':
      return loseTerminal(state, event.signal, policy);
    case 'childExited':
      return exitDuringShutdown(state, event, policy);
    case 'faulted':
      return [{ ...state, shutdown: blame(state.shutdown, event.fault) }, []];
    case 'hookEnded':
      return heardHook(state, event);
    default:
      return otherwise(state, event);
  }
}

function kill(state: Stopping, at: Milliseconds, why: 'grace over' | 'third Ctrl-C', before: readonly Effect[]): Step {
  const { standings, shutdown, skipped, waited } = state;
  const killing: Killing = {
    kind: 'killing',
    standings,
    shutdown,
    skipped,
    waited,
    timeline: enter(state, 'killing', at),
    restarts: state.restarts,
  };
  return [killing, [...before, say({ event: 'killing', why }), { type: 'killApp' }]];
}

/**
 * A stop signal that comes again changes nothing (the kubelet may send it twice), unless the app was only stopped to be
 * started again: then it now is for good. What is no stop signal is passed on.
 */
export function hearDuringShutdown<S extends PreStopping | Draining | Settling | Stopping | Killing>(
  state: S,
  signal: Signal,
  policy: Policy,
): Step<S> {
  if (fromKeyboard(signal, policy)) return hearOnly(state, signal, 'from the keyboard');
  if (policy.stopOn.has(signal) && state.shutdown.cause.kind === 'change') {
    const shutdown: Shutdown = { ...state.shutdown, cause: { kind: 'signal', signal } };
    return [{ ...state, shutdown }, [say({ event: 'signal', signal, outcome: { kind: 'stops' } })]];
  }
  const pressed = signal === SIGINT && policy.keyboard === 'escalates' && policy.stopOn.has(SIGINT);
  if (pressed) {
    const shutdown = { ...state.shutdown, presses: state.shutdown.presses + 1 };
    return hearOnly({ ...state, shutdown }, signal, 'repeated');
  }
  if (policy.stopOn.has(signal)) return hearOnly(state, signal, 'repeated');
  return [state, passOn(signal, policy)];
}

/** It ends what was only a restart; a shutdown goes on as it is. */
export function loseTerminal<S extends PreStopping | Draining | Settling | Stopping | Killing>(
  state: S,
  signal: Signal,
  policy: Policy,
): Step<S> {
  if (policy.terminalLoss === 'is nothing' || state.shutdown.cause.kind !== 'change')
    return hearFarewell(state, signal);
  const shutdown: Shutdown = { ...state.shutdown, cause: { kind: 'terminal' } };
  return [{ ...state, shutdown }, [farewell(signal)]];
}

export function exitDuringShutdown(
  state: PreStopping | Draining | Settling | Stopping | Killing,
  event: Event & { type: 'childExited' },
  policy: Policy,
): Step {
  const { shutdown } = state;
  const counting = state.kind === 'draining' || state.kind === 'settling';
  const unsignalled = counting || state.kind === 'preStopping';
  const sweepEndsAt = state.kind === 'stopping' ? state.graceEndsAt : event.at + (unsignalled ? policy.grace : 0);
  const fault = shutdown.cause.kind === 'fault' ? shutdown.cause.fault : null;
  const byItself = event.exit.kind === 'code' ? 'exited' : 'signalled';
  const planned = {
    preStopping: byItself,
    draining: byItself,
    settling: byItself,
    stopping: 'stopped',
    killing: 'killed',
  } as const;
  const cause = fault === null ? planned[state.kind] : 'fault';
  const next = shutdown.cause.kind === 'change' ? 'restart' : 'exit';
  const { stopSignal } = shutdown;
  const [inspecting, effects] = appExited(state, event, { cause, fault, stopSignal, sweepEndsAt, next });
  return [inspecting, [...(counting ? countingStops(policy) : []), ...effects]];
}

/** A fault in the lifecycle or process room ends the app in order: no pause, its signal, the grace, SIGKILL, then 70. */
export function stopAfterFault(
  state: Running | PreStopping | Draining | Settling,
  at: Milliseconds,
  fault: Fault,
  policy: Policy,
): Step {
  const quiet: Effect[] = (['startup', 'live'] as const).map((probe) => ({ type: 'stopProbe', probe }));
  const cause: StopCause = { kind: 'fault', fault };
  const shutdown: Shutdown =
    state.kind !== 'running'
      ? { ...state.shutdown, cause }
      : { cause, stopSignal: stopSignalFor(SIGTERM, policy), presses: 1 };
  return signalApp(state, at, policy, shutdown, 'fault', quiet);
}

function countingStops(policy: Policy): readonly Effect[] {
  return policy.drainConnections > 0 ? [{ type: 'stopCounting' }] : [];
}

function blame(shutdown: Shutdown, fault: Fault): Shutdown {
  return { ...shutdown, cause: { kind: 'fault', fault } };
}

export function stopSignalFor(received: Signal, policy: Policy): Signal {
  return policy.stopSignal ?? (policy.rewrite.get(received) || received);
}
