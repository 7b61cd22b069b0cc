import { exitDuringShutdown, signalDuringShutdown, terminalLostDuringShutdown } from './during-shutdown.ts';
import type { Effect } from './effect.ts';
import type { Event } from './event.ts';
import { beginExit } from './exit.ts';
import { noteHookEnd } from './hook-result.ts';
import { KILL_LIMIT } from './leftovers.ts';
import type { Policy } from './policy.ts';
import type { Killing, Milliseconds, Stopping } from './state.ts';
import { enter, late, otherwise, SIGKILL, type Step, say } from './step.ts';

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
      if (state.kind === 'killing')
        return event.at < state.killEndsAt ? late(state) : exitWithoutApp(state, event.at, policy);
      if (event.at < state.graceEndsAt) return late(state);
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
  const killEndsAt = at + KILL_LIMIT;
  const killing: Killing = { kind: 'killing', standings, shutdown, skipped, waited, killEndsAt, timeline, restarts };
  return [
    killing,
    [...before, say({ event: 'killing', why }), { type: 'killApp' }, { type: 'wakeAt', at: killEndsAt }],
  ];
}

/** The exit code is that of a killed app. As PID 1 k8s-run takes the app with it: the kernel kills the rest of the namespace. */
function exitWithoutApp(state: Killing, at: Milliseconds, policy: Policy): Step {
  const { cause } = state.shutdown;
  const probes: Effect[] = (['startup', 'ready', 'live'] as const).map((probe) => ({ type: 'stopProbe', probe }));
  return beginExit({
    ...{ state, at, policy },
    end: {
      cause: cause.kind === 'fault' ? 'fault' : 'killed',
      exit: { kind: 'signal', signal: SIGKILL },
      fault: cause.kind === 'fault' ? cause.fault : null,
    },
    before: [{ type: 'stopCounting' }, ...probes, say({ event: 'appRemains' })],
  });
}
