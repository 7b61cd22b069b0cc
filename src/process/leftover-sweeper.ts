import { constants } from 'node:os';
import type { Clock } from '../clock.ts';
import type { Leftover, Signal } from '../lifecycle/state.ts';
import { send } from './app-process.ts';

const { SIGCONT, SIGKILL } = constants.signals;

/** Ends leftovers. They may not be children of k8s-run, so it cannot wait for them and lists the processes again and again. */
export type LeftoverSweeper = {
  /** Those that were found at first. */
  readonly first: readonly Leftover[];
  /** Sends the stop signal to those of the first that `which` selects, and CONT to all, so that a stopped one acts on it. */
  readonly stop: (signal: Signal, which: (leftover: Leftover) => boolean) => void;
  /** Sends SIGKILL again and again until none is left, because they may go on forking. */
  readonly kill: () => void;
  /** Leaves them alone; `gone` is not called any more. */
  readonly forget: () => void;
};

/** Milliseconds. Short, because the exit waits for the last of them. */
const LOOK_EVERY = 20;

/** Calls `find` at each look, and `gone` once none is left that may be signalled; not when there was none at first. */
export function sweepLeftovers(
  find: () => readonly Leftover[],
  after: Clock['after'],
  gone: () => void,
): LeftoverSweeper {
  const first = find();
  let killing = false;
  let forgotten = false;
  const look = (): void => {
    if (forgotten) return;
    const left = find().filter(({ permitted }) => permitted);
    if (killing) sendToAll(left, SIGKILL);
    if (left.length === 0) gone();
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

/** When one may not be signalled (another uid), the others still are. */
function sendToAll(leftovers: readonly Leftover[], signal: Signal): void {
  for (const { pid } of leftovers) {
    try {
      send(pid, signal);
    } catch {
      // It is in the log already, and will be reported as remaining.
    }
  }
}
