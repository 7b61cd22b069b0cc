import { whenDraining, whenPreStopping } from './delaying.ts';
import { whenSettling } from './draining.ts';
import type { Event } from './event.ts';
import { whenConcluding } from './exit.ts';
import { whenAppIsGone } from './leftovers.ts';
import type { Policy } from './policy.ts';
import { whenAborting, whenPreparing } from './preparing.ts';
import { whenBackingOff } from './restart.ts';
import { whenRunning } from './running.ts';
import type { State } from './state.ts';
import { late, type Step, unreachable } from './step.ts';
import { whenStopping } from './stopping.ts';

/**
 * Total over every (state, event): it acts, ignores the event because it comes late, or throws `internal error`
 * because nothing in the program may cause it.
 */
export function transition(state: State, event: Event, policy: Policy): Step {
  switch (state.kind) {
    case 'preparing':
      return whenPreparing(state, event, policy);
    case 'aborting':
      return whenAborting(state, event, policy);
    case 'running':
      return whenRunning(state, event, policy);
    case 'preStopping':
      return whenPreStopping(state, event, policy);
    case 'draining':
      return whenDraining(state, event, policy);
    case 'settling':
      return whenSettling(state, event, policy);
    case 'stopping':
    case 'killing':
      return whenStopping(state, event, policy);
    case 'inspecting':
    case 'sweeping':
    case 'purging':
      return whenAppIsGone(state, event, policy);
    case 'backingOff':
      return whenBackingOff(state, event, policy);
    case 'concluding':
      return whenConcluding(state, event, policy);
    case 'exited':
      return late(state);
    default:
      return unreachable(state);
  }
}
