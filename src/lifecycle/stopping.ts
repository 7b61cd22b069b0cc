import { exitDuringShutdown, signalDuringShutdown, terminalLostDuringShutdown } from './during-shutdown.ts';
import type { Effect } from './effect.ts';
import type { Event } from './event.ts';
import { beginExit } from './exit.ts';
import { noteHookEnd } from './hook-result.ts';
import { KILL_LIMIT } from './leftovers.ts';
import type { Policy } from './policy.ts';
import { endPostMortems, startPostMortem } from './post-mortem.ts';
import type { BeforeKill, Killing, Milliseconds, Stopping } from './state.ts';
import { enter, late, otherwise, SIGKILL, type Step, say } from './step.ts';

/**
 * The app was sent its stop signal and has the grace (`stopping`), the before-kill hook looks at an app that has not exited
 * (`beforeKill`), or it was sent SIGKILL (`killing`).
 */
export function whenStopping(state: Stopping | BeforeKill | Killing, event: Event, policy: Policy): Step {
  switch (event.type) {
    case 'signalReceived': {
      const [next, effects] = signalDuringShutdown(state, event.signal, policy);
      const pressed = next.shutdown.ctrlCCount !== state.shutdown.ctrlCCount;
      if (next.kind === 'killing' || !pressed) return [next, effects];
      const isThird = next.shutdown.ctrlCCount >= 3;
      if (next.kind === 'stopping' && !isThird) return [next, effects];
      // The grace is over: whoever presses Ctrl-C then does not want to wait for the hook.
      return kill(next, event.at, isThird ? 'third Ctrl-C' : 'grace over', effects);
    }
    case 'deadlinePassed':
      return whenDeadlinePassed(state, event.at, policy);
    case 'postMortemEnded': {
      const isWorking = state.kind !== 'beforeKill' || state.postMortems['before-kill']?.kind === 'writing';
      return isWorking || event.hook !== 'before-kill' ? late(state) : kill(state, event.at, 'grace over', []);
    }
    case 'terminalLost':
      return terminalLostDuringShutdown(state, event.signal, policy);
    case 'childExited':
      return exitDuringShutdown(state, event, policy);
    case 'faulted': {
      const next = { ...state, shutdown: { ...state.shutdown, cause: { kind: 'fault', fault: event.fault } } } as const;
      return next.kind === 'beforeKill' ? kill(next, event.at, 'grace over', []) : [next, []];
    }
    case 'hookEnded':
      return noteHookEnd(state, event);
    default:
      return otherwise(state, event);
  }
}

function whenDeadlinePassed(state: Stopping | BeforeKill | Killing, at: Milliseconds, policy: Policy): Step {
  switch (state.kind) {
    case 'stopping':
      return at < state.graceEndsAt ? late(state) : endGrace(state, at, policy);
    case 'beforeKill':
      return at < state.killAt ? late(state) : kill(state, at, 'grace over', []);
    case 'killing':
      return at < state.killEndsAt ? late(state) : exitWithoutApp(state, at, policy);
  }
}

/**
 * After a fault of k8s-run the hook is left out: its room may be the one that is broken. The time of the hook is counted from the end
 * of the grace, which is noticed late where the container was throttled or frozen, because the budget goes on all the same.
 */
function endGrace(state: Stopping, at: Milliseconds, policy: Policy): Step {
  const killAt = state.graceEndsAt + policy.hookTimeout;
  if (!policy.postMortem.has('before-kill') || state.shutdown.cause.kind === 'fault')
    return kill(state, at, 'grace over', []);
  if (at >= killAt) {
    const failure = 'its time was over before it could begin';
    return kill(state, at, 'grace over', [
      say({ event: 'hook', hook: 'before-kill', outcome: { kind: 'failed', failure } }),
    ]);
  }
  const { standings, postMortems, shutdown, skipped, waited, restarts } = state;
  const beforeKill: BeforeKill = {
    kind: 'beforeKill',
    ...{ standings, postMortems, shutdown, skipped, waited, restarts },
    killAt,
    timeline: enter(state, 'beforeKill', at),
  };
  return startPostMortem(beforeKill, { hook: 'before-kill', at, reason: 'the grace is over', endsAt: killAt }, policy);
}

function kill(
  state: Stopping | BeforeKill,
  at: Milliseconds,
  why: 'grace over' | 'third Ctrl-C',
  before: readonly Effect[],
): Step<Killing> {
  const [{ standings, postMortems, shutdown, skipped, waited, restarts }, ends] =
    state.kind === 'beforeKill' ? endPostMortems(state, 'it was not waited for any longer') : late(state);
  const killEndsAt = at + KILL_LIMIT;
  const killing: Killing = {
    kind: 'killing',
    ...{ standings, postMortems, shutdown, skipped, waited, restarts, killEndsAt },
    timeline: enter(state, 'killing', at),
  };
  return [
    killing,
    [...before, ...ends, say({ event: 'killing', why }), { type: 'killApp' }, { type: 'wakeAt', at: killEndsAt }],
  ];
}

/** The exit code is that of a killed app. As PID 1 k8s-run takes the app with it: the kernel kills the rest of the namespace. */
function exitWithoutApp(state: Killing, at: Milliseconds, policy: Policy): Step {
  const { cause } = state.shutdown;
  const probes: Effect[] = (['startup', 'ready', 'live'] as const).map((probe) => ({ type: 'stopProbe', probe }));
  const [, ends] = endPostMortems(state, 'the app was killed');
  return beginExit({
    ...{ state, at, policy },
    end: {
      cause: cause.kind === 'fault' ? 'fault' : 'killed',
      exit: { kind: 'signal', signal: SIGKILL },
      fault: cause.kind === 'fault' ? cause.fault : null,
    },
    before: [{ type: 'stopCounting' }, ...ends, ...probes, say({ event: 'appRemains' })],
  });
}
