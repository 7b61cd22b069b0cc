import { clock } from '../clock.ts';

const LOOK_EVERY = 50;

/** How late the timers of this process are: a measure of how busy the machine is. */
export type Lateness = {
  /** By how much the latest of them was late so far, in milliseconds. */
  readonly longest: () => number;
  readonly stop: () => void;
};

export function measureLateness(): Lateness {
  let longest = 0;
  let due = clock.now();
  let cancel = (): void => {};
  const look = (): void => {
    longest = Math.max(longest, clock.now() - due);
    due = clock.now() + LOOK_EVERY;
    cancel = clock.after(LOOK_EVERY, look);
  };
  look();
  return { longest: () => longest, stop: () => cancel() };
}
