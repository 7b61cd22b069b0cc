/**
 * When memory is given back. What was needed once (sources read, code compiled, lists used up) V8, with no reason to hurry,
 * would keep as long as k8s-run idles: after the start, and after a flood of requests.
 */
export type ThriftTools = {
  readonly after: (delay: number, call: () => void) => void;
  /** Bytes that the process occupies. */
  readonly resident: () => number;
  /** Gives back all that is not in use: 20 to 30 ms of CPU. */
  readonly collect: () => void;
  /** Gives back what malloc(3) holds in reserve: a millisecond. */
  readonly trim: () => void;
};

/** Milliseconds. A flood is seldom, and a collection under a tenth of a processor is a pause of a quarter of a second. */
const LOOK_EVERY = 30_000;
/** Bytes; a growth that is worth a collection. */
const GROWTH = 2 * 2 ** 20;

/** Gives back what the start has left, and from then on what has grown. */
export function beThrifty({ after, resident, collect, trim }: ThriftTools): void {
  let least = Number.POSITIVE_INFINITY;
  const collectAndLook = (): void => {
    collect();
    trim();
    least = resident();
    after(LOOK_EVERY, look);
  };
  const look = (): void => {
    // V8 compiles what runs often in threads of its own, each with a reserve of its own.
    trim();
    const now = resident();
    // Pages of Node's own file come and go by themselves.
    least = Math.min(least, now);
    if (now - least > GROWTH) collectAndLook();
    else after(LOOK_EVERY, look);
  };
  collectAndLook();
}
