/** What bounds this container, and which file says so. */
export type CpuLimit = {
  /** How much of processors it may use, on average: `1.5` is one and a half. */
  readonly processors: number;
  /** How many processors its threads may run on at all (sched_setaffinity(2), cpusets). */
  readonly allowed: number;
  readonly source: string;
};

export type MemoryLimit = {
  /** What it may use, in bytes, before it is slowed down or killed. */
  readonly bytes: number;
  /** What runtimes take for all the memory there is: the limit at which is killed, or the machine's. */
  readonly seen: number;
  readonly source: string;
};

/** How many processes and threads there may be at once. */
export type PidsLimit = { readonly count: number; readonly source: string };

/** null: not limited. */
export type Limits = {
  readonly cpu: CpuLimit | null;
  readonly memory: MemoryLimit | null;
  /** What could not be understood, as sentences. */
  readonly problems: readonly string[];
};

/** Whole processors, a fraction counted as one: never less than 1, never more than may be used. */
export function roundedUp({ processors, allowed }: CpuLimit): number {
  return Math.max(1, Math.min(Math.ceil(processors), allowed));
}

/** Whole processors, a fraction left out: never less than 1. */
export function roundedDown({ processors, allowed }: CpuLimit): number {
  return Math.max(1, Math.min(Math.floor(processors), allowed));
}
