import type { Effect } from './effect.ts';
import type { Event } from './event.ts';
import { exitNow } from './exit.ts';
import { noteHookEnd, pressesCtrlC } from './hook-result.ts';
import type { Policy } from './policy.ts';
import type { PostExit } from './state.ts';
import { late, noteSignal, noteTerminalLoss, SIGKILL, type Step, unreachable } from './step.ts';

/** The post-exit hook runs; nothing but a fault of k8s-run changes the exit code any more. */
export function whenPostExit(state: PostExit, event: Event, policy: Policy): Step {
  const killHook: Effect = { type: 'signalHook', signal: SIGKILL };
  switch (event.type) {
    case 'hookEnded': {
      const [, heard] = noteHookEnd(state, event);
      return event.hook === 'post-exit' ? exitNow(state, event.at, policy, state.end, heard) : [state, heard];
    }
    case 'signalReceived': {
      const { signal, at } = event;
      const [, heard] = noteSignal(state, signal, policy.stopOn.has(signal) ? 'repeated' : 'dropped');
      if (!pressesCtrlC(signal, policy)) return [state, heard];
      return exitNow(state, at, policy, state.end, [...heard, killHook]);
    }
    case 'terminalLost':
      return noteTerminalLoss(state, event.signal);
    case 'faulted':
      return exitNow(state, event.at, policy, { ...state.end, fault: event.fault, cause: 'fault' }, [killHook]);
    // What was on its way when the end came.
    case 'spawned':
      return [state, [{ type: 'killApp' }]];
    case 'begun':
    case 'spawnFailed':
    case 'childExited':
    case 'deadlinePassed':
    case 'dependenciesMet':
    case 'dependenciesMissing':
    case 'mountChanged':
    case 'standingChanged':
    case 'listenersCounted':
    case 'connectionsCounted':
    case 'leftoversFound':
    case 'leftoversGone':
      return late(state);
    default:
      return unreachable(event);
  }
}
