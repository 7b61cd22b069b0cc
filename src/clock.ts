/** The monotonic clock and the only timers of the program. Times and durations are in milliseconds. */
export type Clock = {
  /** Milliseconds since the process started; never decreases. */
  readonly now: () => number;
  /** Calls back once, not before `delay` has passed. Returns how to cancel that. */
  readonly after: (delay: number, call: () => void) => Cancel;
};
export type Cancel = () => void;

/** The longest delay of Node's setTimeout; a longer one is made of several timers. */
const MAX_TIMER = 2 ** 31 - 1;

/** The time of `clock.now` at a time of the wall clock, in milliseconds since 1970; a step of that clock since shifts it. */
export const timeOfDate = (date: number): number => date - performance.timeOrigin;

export const clock: Clock = {
  now: () => performance.now(),
  after(delay, call) {
    const end = performance.now() + delay;
    let timer = arm();
    function arm(): NodeJS.Timeout {
      const left = Math.max(0, Math.ceil(end - performance.now()));
      return setTimeout(elapsed, Math.min(left, MAX_TIMER));
    }
    // libuv's timer may be up to a millisecond early by this clock, and a long delay has several timers.
    function elapsed(): void {
      if (performance.now() < end) timer = arm();
      else call();
    }
    return () => clearTimeout(timer);
  },
};
