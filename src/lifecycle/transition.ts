import { whenDelaying } from './delaying.ts';
import { whenDraining } from './draining.ts';
import type { Event } from './event.ts';
import { whenAppExited } from './leftovers.ts';
import type { Policy } from './policy.ts';
import { whenPostExit } from './post-exit.ts';
import { endOverdue, notePostMortem, startPostMortem } from './post-mortem.ts';
import { whenPreStop } from './pre-stop.ts';
import { whenAborting, whenPreparing } from './preparing.ts';
import { whenBackingOff } from './restart.ts';
import { whenRunning } from './running.ts';
import type { State } from './state.ts';
import { late, type Step, unreachable } from './step.ts';
import { whenStopping } from './stopping.ts';

/**
 * Handles every event in every state: it acts, ignores the event because it is late, or throws `internal error` because it
 * cannot happen.
 */
export function transition(state: State, event: Event, policy: Policy): Step {
  if (!('postMortems' in state)) return transitionOf(state, event, policy);
  switch (event.type) {
    case 'deadlinePassed': {
      const [before, effects] = endOverdue(state, event.at, policy);
      const [next, more] = transitionOf(before, event, policy);
      return [next, [...effects, ...more]];
    }
    case 'postMortemEnded': {
      const [noted, effects] = notePostMortem(state, event);
      const [next, more] = transitionOf(noted, event, policy);
      return [next, [...effects, ...more]];
    }
    case 'memoryHigh': {
      // At the end of the grace there is a hook already, and then no time.
      if (state.kind === 'beforeKill' || state.kind === 'killing') return late(state);
      return startPostMortem(state, { hook: 'on-memory', at: event.at, reason: event.reason }, policy);
    }
    default:
      return transitionOf(state, event, policy);
  }
}

/** Without what the post-mortem hooks have in common in all states of the app. */
function transitionOf(state: State, event: Event, policy: Policy): Step {
  switch (state.kind) {
    case 'preparing':
      return whenPreparing(state, event, policy);
    case 'aborting':
      return whenAborting(state, event, policy);
    case 'running':
      return whenRunning(state, event, policy);
    case 'preStop':
      return whenPreStop(state, event, policy);
    case 'delaying':
      return whenDelaying(state, event, policy);
    case 'draining':
      return whenDraining(state, event, policy);
    case 'stopping':
    case 'beforeKill':
    case 'killing':
      return whenStopping(state, event, policy);
    case 'findingLeftovers':
    case 'stoppingLeftovers':
    case 'killingLeftovers':
      return whenAppExited(state, event, policy);
    case 'backingOff':
      return whenBackingOff(state, event, policy);
    case 'postExit':
      return whenPostExit(state, event, policy);
    case 'exited':
      return late(state);
    default:
      return unreachable(state);
  }
}
