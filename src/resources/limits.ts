/** The limits of this container. `source`: the file that contains the limit. */
export type CpuLimit = {
  /** CPU time per time, in processors: `1.5` is one and a half. */
  readonly processors: number;
  /** The number of processors that its threads may run on (sched_setaffinity(2), cpusets). */
  readonly allowed: number;
  /** The quota of the control groups, in processors, be it above `allowed`; null: there is none. */
  readonly quota: number | null;
  readonly source: string;
};

export type MemoryLimit = {
  /** Bytes that it may use before the kernel slows it down (memory.high) or kills it. */
  readonly bytes: number;
  /** Bytes that runtimes take for the total memory: the limit at which the kernel kills, or the machine's memory. */
  readonly visible: number;
  readonly source: string;
};

/** The number of processes and threads that may exist at the same time. */
export type PidsLimit = { readonly count: number; readonly source: string };

/** null: no limit. */
export type Limits = {
  readonly cpu: CpuLimit | null;
  readonly memory: MemoryLimit | null;
  /** Files whose content is not a limit, each as an error message. */
  readonly problems: readonly string[];
};

/** Whole processors, rounded up: at least 1, at most the processors that it may run on. */
export function roundedUp({ processors, allowed }: CpuLimit): number {
  return Math.max(1, Math.min(Math.ceil(processors), allowed));
}

/** Whole processors, rounded down: at least 1, at most the processors that it may run on. */
export function roundedDown({ processors, allowed }: CpuLimit): number {
  return Math.max(1, Math.min(Math.floor(processors), allowed));
}
