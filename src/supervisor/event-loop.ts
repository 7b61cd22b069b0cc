import type { Clock } from '../clock.ts';
import type { Effect } from '../lifecycle/effect.ts';
import type { Event, UntimedEvent } from '../lifecycle/event.ts';
import type { Policy } from '../lifecycle/policy.ts';
import { type Fault, initialState, type State } from '../lifecycle/state.ts';
import { transition } from '../lifecycle/transition.ts';

/** The handler of each kind of effect. */
export type EffectHandlers = { readonly [T in Effect['type']]: (effect: Extract<Effect, { type: T }>) => void };

export type EventLoop = {
  readonly state: () => State;
  /** Appends an event to the queue. */
  readonly post: (event: UntimedEvent) => void;
};

/**
 * The first fault ends the app in order, and one more during that is tolerated. After another one the state machine is not
 * used any more.
 */
const FAULTS_TOLERATED = 2;

export type EventLoopDeps = {
  readonly policy: Policy;
  readonly handlers: EffectHandlers;
  readonly clock: Pick<Clock, 'now'>;
  /** Called after too many faults. */
  readonly lastResort: (fault: Fault) => void;
  /** Called after each event; the state may be the same as before. */
  readonly stateEntered: (next: State, before: State) => void;
};

/**
 * One queue of events. Each is handled by the pure state machine, and its effects are performed before the next event. A fault
 * of the state machine or of the process room becomes an event that ends the app in order; after too many faults `lastResort`
 * is called.
 */
export function startEventLoop({ policy, handlers, clock, lastResort, stateEntered }: EventLoopDeps): EventLoop {
  let state = initialState(clock.now());
  const queue: Event[] = [];
  let working = false;
  let faults = 0;

  const perform = <T extends Effect['type']>(effect: Extract<Effect, { type: T }>): void => {
    (handlers[effect.type] as (effect: Extract<Effect, { type: T }>) => void)(effect);
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
      const before = state;
      state = next;
      stateEntered(next, before);
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
          // The effects after it are still performed, because one may set a deadline.
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
