/**
 * When memory is given back. What was needed once (sources read, code compiled, lists used up) V8, with no reason to hurry,
 * would keep as long as k8s-run idles: after the start, and after a flood of requests.
 */
export type MemoryTrimmerDeps = {
  readonly after: (delay: number, call: () => void) => void;
  /** Bytes that the process occupies. Infinity: it cannot be told, so what the start has left is given back, and no more. */
  readonly resident: () => number;
  /** Gives back all that is not in use: 20 to 30 ms of CPU, in which nobody is answered. */
  readonly collect: () => void;
  /** Gives back what malloc(3) holds in reserve: a millisecond. */
  readonly trim: () => void;
  readonly cpu: () => CpuShortage;
};

/** What the container may use of the CPU, and in how many periods it wanted more; null where that cannot be known. */
export type CpuShortage = { readonly cpuLimitCores: number | null; readonly cpuThrottledPeriods: number | null };

/** Milliseconds. Floods are rare, and a collection stops the event loop for a moment. */
const LOOK_EVERY = 30_000;
/** Bytes; a growth that is worth a collection. */
const GROWTH = 2 * 2 ** 20;
/** Cores. Below, beside an app that takes all there is, 30 ms of CPU last about as long as the kubelet waits for an answer. */
const SCARCE = 0.5;

/** Gives back what the start has left, and from then on what has grown; not while CPU is what is short. */
export function startMemoryTrimmer({ after, resident, collect, trim, cpu }: MemoryTrimmerDeps): void {
  /** Until the first collection everything is growth. */
  let least = 0;
  let throttled = 0;
  const isCpuShort = (): boolean => {
    const { cpuLimitCores, cpuThrottledPeriods } = cpu();
    const before = throttled;
    throttled = cpuThrottledPeriods ?? 0;
    return cpuLimitCores !== null && cpuLimitCores < SCARCE && throttled > before;
  };
  const look = (): void => {
    // V8 compiles what runs often in threads of its own, each with a reserve of its own.
    trim();
    const short = isCpuShort();
    // Pages of Node's own file come and go by themselves.
    const now = resident();
    least = Math.min(least, now);
    // Between two Infinities nothing has grown.
    if (!short && now - least > GROWTH) {
      collect();
      trim();
      least = resident();
    }
    after(LOOK_EVERY, look);
  };
  look();
}
