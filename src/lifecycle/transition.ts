import { whenDelaying } from './delaying.ts';
import { whenDraining } from './draining.ts';
import type { Event } from './event.ts';
import { whenAppExited } from './leftovers.ts';
import type { Policy } from './policy.ts';
import { whenPostExit } from './post-exit.ts';
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
