import type { Clock } from '../clock.ts';
import type { Effect } from '../lifecycle/effect.ts';
import type { Event, UntimedEvent } from '../lifecycle/event.ts';
import type { Policy } from '../lifecycle/policy.ts';
import { type Fault, initialState, type State } from '../lifecycle/state.ts';
import { transition } from '../lifecycle/transition.ts';

/** Who performs each kind of effect. */
export type EffectHandlers = { readonly [T in Effect['type']]: (effect: Extract<Effect, { type: T }>) => void };

export type EventLoop = {
  readonly state: () => State;
  /** Puts what happened behind what happened before it. */
  readonly post: (event: UntimedEvent) => void;
};

/** The first fault ends the app in order; one on that way is borne; more, and there is no order left to keep. */
const FAULTS_TOLERATED = 2;

/**
 * One queue: each event is answered by the pure machine, and what the machine wants is done before the next one is
 * looked at. A fault of the machine or of the process room becomes an event that ends the app in order; when even that
 * fails, `lastResort` is called. `moved` hears of each state that an event led to.
 */
export function startEventLoop(
  policy: Policy,
  shell: EffectHandlers,
  clock: Pick<Clock, 'now'>,
  lastResort: (fault: Fault) => void,
  moved: (next: State) => void,
): EventLoop {
  let state = initialState(clock.now());
  const queue: Event[] = [];
  let working = false;
  let faults = 0;

  const perform = <T extends Effect['type']>(effect: Extract<Effect, { type: T }>): void => {
    (shell[effect.type] as (effect: Extract<Effect, { type: T }>) => void)(effect);
  };

  const fail = (room: string, error: unknown): void => {
    const fault: Fault = { room, message: error instanceof Error ? error.message : String(error) };
    faults += 1;
    if (faults > FAULTS_TOLERATED) lastResort(fault);
    else queue.push({ type: 'faulted', fault, at: clock.now() });
  };

  const answer = (event: Event): readonly Effect[] => {
    try {
      const [next, effects] = transition(state, event, policy);
      state = next;
      moved(next);
      return effects;
    } catch (error) {
      fail('lifecycle', error);
      return [];
    }
  };

  const work = (): void => {
    for (let event = queue.shift(); event !== undefined; event = queue.shift()) {
      for (const effect of answer(event)) {
        try {
          perform(effect);
        } catch (error) {
          // One effect that failed is no reason to leave out the next: it may be the deadline.
          fail('process', error);
        }
      }
    }
  };

  return {
    state: () => state,
    post(event) {
      queue.push({ ...event, at: clock.now() } as Event);
      if (working) return;
      working = true;
      try {
        work();
      } finally {
        working = false;
      }
    },
  };
}
