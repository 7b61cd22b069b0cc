/** The monotonic clock, and the only timers of the program. Times and lengths of time are milliseconds. */
export type Clock = {
  /** Milliseconds since the process began; never goes back. */
  readonly now: () => number;
  /** Calls back once, not before `delay` has passed. */
  readonly after: (delay: number, call: () => void) => Cancel;
};
export type Cancel = () => void;

/** setTimeout(3) of Node takes no more than this; longer waits are made of several. */
const LONGEST_TIMER = 2 ** 31 - 1;

export const clock: Clock = {
  now: () => performance.now(),
  after(delay, call) {
    const end = performance.now() + delay;
    let timer = arm();
    function arm(): NodeJS.Timeout {
      const left = Math.max(0, Math.ceil(end - performance.now()));
      return setTimeout(ring, Math.min(left, LONGEST_TIMER));
    }
    // libuv may ring up to a millisecond early by our clock, and long waits ring at their parts.
    function ring(): void {
      if (performance.now() < end) timer = arm();
      else call();
    }
    return () => clearTimeout(timer);
  },
};
