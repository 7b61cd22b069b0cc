import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Gives back what was needed once: the start leaves a heap of sources read, code compiled and lists used up, which V8, with
 * no reason to hurry, would keep as long as k8s-run idles; and so does a flood of requests. One thorough collection, then
 * what the C library has gathered is returned to the kernel. Measured: about a quarter of the private memory, for 20 to
 * 30 ms of CPU.
 */
export type ThriftTools = {
  readonly after: (delay: number, call: () => void) => void;
  /** The same of process/reclaim.ts: free memory of malloc(3) back to the kernel. */
  readonly trimMalloc: () => void;
};

/** When the start is over: all is loaded, and the app has had the CPU for itself. */
const FIRST = 2_000;
/** A flood is seldom, and a collection under a tenth of a processor is a pause of a quarter of a second. */
const LOOK_EVERY = 30_000;
/** Bytes of resident memory; a growth that is worth a collection. */
const GROWTH = 2 * 2 ** 20;

export function beThrifty({ after, trimMalloc }: ThriftTools): void {
  const resident = (): number => process.memoryUsage.rss();
  let least = Number.POSITIVE_INFINITY;
  const collect = (): void => {
    collectAll();
    trimMalloc();
    least = resident();
    after(LOOK_EVERY, look);
  };
  const look = (): void => {
    // V8 compiles what runs often in threads of its own, each with a reserve of its own: a millisecond gives it back.
    trimMalloc();
    // Pages of Node's own file come and go by themselves.
    least = Math.min(least, resident());
    if (resident() - least > GROWTH) collect();
    else after(LOOK_EVERY, look);
  };
  after(FIRST, collect);
}

/**
 * What V8 does when memory runs out: every collection that still finds something, code that was not used lately included;
 * it is compiled again if it ever is. `gc` is there in contexts made while the flag is set (v8.setFlagsFromString).
 */
function collectAll(): void {
  setFlagsFromString('--expose-gc');
  const gc: unknown = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  if (typeof gc === 'function') gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
