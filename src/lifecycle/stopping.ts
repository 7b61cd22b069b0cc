import { exitDuringShutdown, signalDuringShutdown, terminalLostDuringShutdown } from './during-shutdown.ts';
import type { Effect } from './effect.ts';
import type { Event } from './event.ts';
import { noteHookEnd } from './hook-result.ts';
import type { Policy } from './policy.ts';
import type { Killing, Milliseconds, Stopping } from './state.ts';
import { enter, late, otherwise, type Step, say } from './step.ts';

/** The app was sent its stop signal and has the grace (`stopping`), or was sent SIGKILL (`killing`). */
export function whenStopping(state: Stopping | Killing, event: Event, policy: Policy): Step {
  switch (event.type) {
    case 'signalReceived': {
      const [next, effects] = signalDuringShutdown(state, event.signal, policy);
      const pressed = next.shutdown.ctrlCCount !== state.shutdown.ctrlCCount;
      if (next.kind === 'killing' || !pressed || next.shutdown.ctrlCCount < 3) return [next, effects];
      return kill(next, event.at, 'third Ctrl-C', effects);
    }
    case 'deadlinePassed':
      if (state.kind === 'killing' || event.at < state.graceEndsAt) return late(state);
      return kill(state, event.at, 'grace over', []);
    case 'terminalLost':
      return terminalLostDuringShutdown(state, event.signal, policy);
    case 'childExited':
      return exitDuringShutdown(state, event, policy);
    case 'faulted':
      return [{ ...state, shutdown: { ...state.shutdown, cause: { kind: 'fault', fault: event.fault } } }, []];
    case 'hookEnded':
      return noteHookEnd(state, event);
    default:
      return otherwise(state, event);
  }
}

function kill(
  state: Stopping,
  at: Milliseconds,
  why: 'grace over' | 'third Ctrl-C',
  before: readonly Effect[],
): Step<Killing> {
  const { standings, shutdown, skipped, waited, restarts } = state;
  const timeline = enter(state, 'killing', at);
  const killing: Killing = { kind: 'killing', standings, shutdown, skipped, waited, timeline, restarts };
  return [killing, [...before, say({ event: 'killing', why }), { type: 'killApp' }]];
}
