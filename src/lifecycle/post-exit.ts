import type { Effect } from './effect.ts';
import type { Event } from './event.ts';
import { exitNow } from './exit.ts';
import { isCtrlC, noteHookEnd } from './hook-result.ts';
import type { Policy } from './policy.ts';
import type { PostExit } from './state.ts';
import { late, noteSignal, noteTerminalLoss, SIGKILL, type Step, unreachable } from './step.ts';

/** The post-exit hook runs. Only a fault of k8s-run can still change the exit code. */
export function whenPostExit(state: PostExit, event: Event, policy: Policy): Step {
  const killHook: Effect = { type: 'signalHook', signal: SIGKILL };
  switch (event.type) {
    case 'hookEnded': {
      const [, notices] = noteHookEnd(state, event);
      if (event.hook !== 'post-exit') return [state, notices];
      return exitNow({ state, at: event.at, policy, end: state.end, before: notices });
    }
    case 'signalReceived': {
      const { signal, at } = event;
      const [, notices] = noteSignal(state, signal, policy.stopOn.has(signal) ? 'repeated' : 'dropped');
      if (!isCtrlC(signal, policy)) return [state, notices];
      return exitNow({ state, at, policy, end: state.end, before: [...notices, killHook] });
    }
    case 'terminalLost':
      return noteTerminalLoss(state, event.signal);
    case 'faulted': {
      const end = { ...state.end, fault: event.fault, cause: 'fault' } as const;
      return exitNow({ state, at: event.at, policy, end, before: [killHook] });
    }
    // A spawn that was under way when the exit began.
    case 'spawned':
      return [state, [{ type: 'killApp' }]];
    case 'begun':
    case 'spawnFailed':
    case 'childExited':
    case 'deadlinePassed':
    case 'dependenciesMet':
    case 'dependenciesMissing':
    case 'postMortemEnded':
    case 'signalSent':
    case 'memoryHigh':
    case 'mountChanged':
    case 'resizeSettled':
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
