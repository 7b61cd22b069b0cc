import type { Leftover, Signal } from '../lifecycle/state.ts';
import { SIGCONT, SIGKILL, send } from './app-process.ts';

/** What outlived the app, until it is gone. They are nobody's children that we could wait for, so they are looked after. */
export type LeftoverSweeper = {
  readonly first: readonly Leftover[];
  /** The stop signal, and CONT, so that a stopped one sees it, to those that have not had it yet. */
  readonly stop: (signal: Signal, which: (leftover: Leftover) => boolean) => void;
  /** SIGKILL, until none is left: they may go on forking. */
  readonly kill: () => void;
  /** They are left alone, and nothing more is heard of them. */
  readonly forget: () => void;
};

/** Gone is noticed this soon; a sweep is short and rare. */
const LOOK_EVERY = 20;

type After = (delay: number, call: () => void) => void;

/** `find` is asked again at each look. Calls `gone` once, when none is there any more; not at all when none was. */
export function sweepLeftovers(find: () => readonly Leftover[], after: After, gone: () => void): LeftoverSweeper {
  const first = find();
  let killing = false;
  let forgotten = false;
  const look = (): void => {
    if (forgotten) return;
    const there = find();
    if (killing) sendToAll(there, SIGKILL);
    if (there.length === 0) gone();
    else after(LOOK_EVERY, look);
  };
  if (first.length > 0) after(LOOK_EVERY, look);
  return {
    first,
    stop(signal, which) {
      sendToAll(first.filter(which), signal);
      sendToAll(first, SIGCONT);
    },
    kill() {
      killing = true;
      sendToAll(find(), SIGKILL);
    },
    forget() {
      forgotten = true;
    },
  };
}

/** One that may not be signalled (another uid) is no reason to leave out the next. */
function sendToAll(leftovers: readonly Leftover[], signal: Signal): void {
  for (const { pid } of leftovers) {
    try {
      send(pid, signal);
    } catch {
      // It is named in the log already, and is found still there when the time is over.
    }
  }
}
