import type { Leftover, Signal } from '../lifecycle/state.ts';
import { SIGCONT, SIGKILL, send } from './child.ts';
import { isStillThere } from './tree.ts';

/** What outlived the app, until it is gone. They are nobody's children that we could wait for, so they are looked after. */
export type Leftovers = {
  /** The stop signal, and CONT, so that a stopped one sees it. */
  readonly stop: (signal: Signal) => void;
  readonly kill: () => void;
};

/** Gone is noticed this soon; a sweep is short and rare. */
const LOOK_EVERY = 20;

type After = (delay: number, call: () => void) => void;

/** Calls `gone` once, when none is there any more; not at all when none is given. */
export function lookAfter(leftovers: readonly Leftover[], after: After, gone: () => void): Leftovers {
  let there = leftovers;
  const look = (): void => {
    there = there.filter(isStillThere);
    if (there.length === 0) gone();
    else after(LOOK_EVERY, look);
  };
  if (there.length > 0) after(LOOK_EVERY, look);
  const signal = (number: Signal): void => {
    for (const leftover of there) if (isStillThere(leftover)) tryToSend(leftover.pid, number);
  };
  return {
    stop(number) {
      signal(number);
      signal(SIGCONT);
    },
    kill: () => signal(SIGKILL),
  };
}

/** One that may not be signalled (another uid) is no reason to leave out the next. */
function tryToSend(pid: number, signal: Signal): void {
  try {
    send(pid, signal);
  } catch {
    // It is named in the log already, and is found still there when the time is over.
  }
}
