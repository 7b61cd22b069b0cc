/**
 * Returns unused memory to the kernel: after the start, and after a flood of requests. An idle V8 would keep memory that was
 * needed only once, such as sources and compiled code.
 */
export type MemoryTrimmerDeps = {
  readonly after: (delay: number, call: () => void) => void;
  /** Resident bytes. Infinity: unknown; then memory is returned once, after the start. Takes a tenth of a millisecond. */
  readonly resident: () => number;
  /** Runs a garbage collection. It takes 20 to 30 ms of CPU, in which no request is answered. */
  readonly collect: () => void;
  /** Returns what malloc(3) keeps in reserve. It takes some milliseconds, because pages that are used again are faulted in. */
  readonly trim: () => void;
  readonly cpu: () => CpuShortage;
};

/** The CPU limit of the container, and in how many periods it was throttled; null: unknown. */
export type CpuShortage = { readonly cpuLimitCores: number | null; readonly cpuThrottledPeriods: number | null };

/** Milliseconds. Floods are rare, and a collection stops the event loop. */
const LOOK_EVERY = 30_000;
/** Bytes of growth that are worth a trim. Smaller, a trim every 30 s would be a third of what an idle k8s-run spends. */
const SOME_GROWTH = 2 ** 19;
/** Bytes of growth that are worth a collection. */
const GROWTH = 2 * 2 ** 20;
/** Cores. Below this limit, beside an app that uses all of it, 30 ms of CPU may last as long as the kubelet's probe timeout. */
const MIN_CORES = 0.5;

/** Returns memory at once, and later when k8s-run has grown; not while the container is throttled under a small CPU limit. */
export function startMemoryTrimmer({ after, resident, collect, trim, cpu }: MemoryTrimmerDeps): void {
  /** The smallest resident memory so far; 0 until the first collection, so that everything counts as growth. */
  let least = 0;
  /** Resident memory after the last trim, or the smallest since. */
  let trimmedTo = 0;
  let throttled = 0;
  const isCpuShort = (): boolean => {
    const { cpuLimitCores, cpuThrottledPeriods } = cpu();
    const before = throttled;
    throttled = cpuThrottledPeriods ?? 0;
    return cpuLimitCores !== null && cpuLimitCores < MIN_CORES && throttled > before;
  };
  const look = (): void => {
    // V8's compiler threads have malloc arenas of their own, which grow while k8s-run idles.
    const found = resident();
    if (found - trimmedTo >= SOME_GROWTH) {
      trim();
      trimmedTo = resident();
    }
    trimmedTo = Math.min(trimmedTo, found);
    const isShort = isCpuShort();
    // It may have become less by itself, because the kernel drops pages of Node's own file.
    const now = resident();
    least = Math.min(least, now);
    // Infinity - Infinity is NaN, which is no growth.
    if (!isShort && now - least > GROWTH) {
      collect();
      trim();
      least = resident();
      trimmedTo = least;
    }
    after(LOOK_EVERY, look);
  };
  look();
}
