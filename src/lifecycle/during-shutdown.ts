import type { Event } from './event.ts';
import { noteHookEnd } from './hook-result.ts';
import { appExited } from './leftovers.ts';
import type { Policy } from './policy.ts';
import { graceEndOf, signalApp, stopAfterFault } from './signal-app.ts';
import type {
  BeforeKill,
  Delaying,
  Draining,
  Killing,
  PreStop,
  Shutdown,
  Signal,
  StopCause,
  Stopping,
} from './state.ts';
import {
  fromKeyboard,
  late,
  noteSignal,
  noteTerminalLoss,
  otherwise,
  passOn,
  SIGINT,
  type Step,
  say,
  stoppedByTerminalLoss,
} from './step.ts';

/** The states of a shutdown, which handle the events below in the same way. */
type ShuttingDown = PreStop | Delaying | Draining | Stopping | BeforeKill | Killing;

/** Whether the app is stopped only to be started again. */
const isToRestart = ({ kind }: StopCause): boolean => kind === 'change' || kind === 'resize';

/**
 * A repeated stop signal changes nothing, because the kubelet may send it twice; but when the app is being stopped only to be
 * restarted, it is not restarted any more. Any other signal is passed on.
 */
export function signalDuringShutdown<S extends ShuttingDown>(state: S, signal: Signal, policy: Policy): Step<S> {
  if (fromKeyboard(signal, policy)) return noteSignal(state, signal, 'from the keyboard');
  if (policy.stopOn.has(signal) && isToRestart(state.shutdown.cause)) {
    const shutdown: Shutdown = { ...state.shutdown, cause: { kind: 'signal', signal } };
    return [{ ...state, shutdown }, [say({ event: 'signal', signal, outcome: { kind: 'stops' } })]];
  }
  const pressed = signal === SIGINT && policy.keyboard === 'escalates' && policy.stopOn.has(SIGINT);
  if (pressed) {
    const shutdown = { ...state.shutdown, ctrlCCount: state.shutdown.ctrlCCount + 1 };
    return noteSignal({ ...state, shutdown }, signal, 'repeated');
  }
  if (policy.stopOn.has(signal)) return noteSignal(state, signal, 'repeated');
  return [state, passOn(signal, policy)];
}

/** When the terminal is lost during a restart, the app is not restarted any more; a shutdown goes on as before. */
export function terminalLostDuringShutdown<S extends ShuttingDown>(state: S, signal: Signal, policy: Policy): Step<S> {
  if (policy.terminalLoss === 'ignored' || !isToRestart(state.shutdown.cause)) return noteTerminalLoss(state, signal);
  const shutdown: Shutdown = { ...state.shutdown, cause: { kind: 'terminal' } };
  return [{ ...state, shutdown }, [stoppedByTerminalLoss(signal)]];
}

/** With `--readiness-on-drain keep` the ready probe, and no other, goes on until the app is signalled. */
export function standingDuringShutdown(
  state: PreStop | Delaying | Draining,
  event: Event & { type: 'standingChanged' },
  policy: Policy,
): Step {
  if (policy.readinessOnDrain === 'fail' || event.probe !== 'ready') return late(state);
  return [{ ...state, standings: { ...state.standings, ready: event.standing } }, []];
}

/** The rest of the grace, or all of it when the app exited before the grace began. */
function leftoverGraceEndOf(state: ShuttingDown, at: number, policy: Policy): number {
  switch (state.kind) {
    case 'preStop':
    case 'delaying':
    case 'draining':
      return graceEndOf(state, at, policy);
    case 'stopping':
      return state.graceEndsAt;
    case 'beforeKill':
    case 'killing':
      return at;
  }
}

export function exitDuringShutdown(state: ShuttingDown, event: Event & { type: 'childExited' }, policy: Policy): Step {
  const { cause: because, stopSignal } = state.shutdown;
  const byItself = event.exit.kind === 'code' ? 'exited' : 'signalled';
  const causes = {
    preStop: byItself,
    delaying: byItself,
    draining: byItself,
    stopping: 'stopped',
    beforeKill: 'stopped',
    killing: 'killed',
  } as const;
  const [next, effects] = appExited(state, event, {
    cause: because.kind === 'fault' ? 'fault' : causes[state.kind],
    fault: because.kind === 'fault' ? because.fault : null,
    stopSignal,
    leftoverGraceEndsAt: leftoverGraceEndOf(state, event.at, policy),
    next: isToRestart(because) ? 'restart' : 'exit',
  });
  return [next, [{ type: 'stopCounting' }, ...effects]];
}

/** What the delay and the drain answer alike: a second Ctrl-C ends both, as do a fault and the exit of the app. */
export function otherwiseBeforeSignal(state: Delaying | Draining, event: Event, policy: Policy): Step {
  switch (event.type) {
    case 'signalReceived': {
      const [next, before] = signalDuringShutdown(state, event.signal, policy);
      const { shutdown } = next;
      if (shutdown.ctrlCCount === state.shutdown.ctrlCCount) return [next, before];
      return signalApp({ state: next, at: event.at, policy, shutdown, skipped: 'second Ctrl-C', before });
    }
    case 'standingChanged':
      return standingDuringShutdown(state, event, policy);
    case 'terminalLost':
      return terminalLostDuringShutdown(state, event.signal, policy);
    case 'childExited':
      return exitDuringShutdown(state, event, policy);
    case 'faulted':
      return stopAfterFault(state, event.at, event.fault, policy);
    case 'hookEnded':
      return noteHookEnd(state, event);
    default:
      return otherwise(state, event);
  }
}
