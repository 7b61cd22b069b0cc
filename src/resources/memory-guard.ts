/** Memory is looked at after this much work, so that its growth between two looks is small. */
const LOOK_AFTER = 32;
/** Bytes of growth after which a collection is worth its 20 to 30 ms. */
const GROWTH = 5 * 2 ** 20;

export type MemoryGuardDeps = {
  /** Resident bytes; Infinity: unknown, then nothing is done. */
  readonly resident: () => number;
  /** Frees what is no longer used, and returns it to the kernel. */
  readonly reclaim: () => void;
};

/**
 * Keeps a flood of work from growing the heap. V8 collects garbage when its own limits are reached, which are tens of MiB away
 * from what k8s-run needs, and can be set on Node's command line alone. The returned function is called for each piece of work.
 */
export function createMemoryGuard({ resident, reclaim }: MemoryGuardDeps): () => void {
  let least = Number.POSITIVE_INFINITY;
  let work = 0;
  return () => {
    work += 1;
    if (work % LOOK_AFTER !== 0) return;
    const now = resident();
    least = Math.min(least, now);
    // Infinity - Infinity is NaN, which is no growth.
    if (!(now - least > GROWTH)) return;
    reclaim();
    // What is still there is in use.
    least = resident();
  };
}
