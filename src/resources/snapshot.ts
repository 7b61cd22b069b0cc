import { readLimits, readPidsLimit } from './read-limits.ts';
import { openCgroupUsage } from './usage.ts';

/**
 * The limits of this container's control groups, its usage, and how often it was throttled. Bytes and seconds; null: no
 * limit, or it cannot be read. A value that a limit applies to is that of the group with the limit, which may be an ancestor.
 */
export type ResourceSnapshot = {
  readonly memoryLimitBytes: number | null;
  readonly memoryUsageBytes: number | null;
  /** Usage without inactive file pages, as the kubelet counts it for evictions and `kubectl top`. */
  readonly memoryWorkingSetBytes: number | null;
  readonly memoryPeakBytes: number | null;
  readonly oomKills: number | null;
  readonly cpuLimitCores: number | null;
  readonly cpuUsageSeconds: number | null;
  readonly cpuPeriods: number | null;
  readonly cpuThrottledPeriods: number | null;
  readonly cpuThrottledSeconds: number | null;
  readonly pids: number | null;
  readonly pidsLimit: number | null;
};

/** Reads all of it now, from a few small files. `root`: the folder to use as /, for tests. */
export function readResourceSnapshot(root = ''): ResourceSnapshot {
  const { cpu, memory } = readLimits(root);
  const pids = readPidsLimit(root);
  const usage = openCgroupUsage(root);
  const used = usage.memory(memory);
  const throttling = usage.throttling(cpu);
  return {
    memoryLimitBytes: memory?.bytes ?? null,
    memoryUsageBytes: used?.charged ?? null,
    memoryWorkingSetBytes: used?.working ?? null,
    memoryPeakBytes: usage.memoryPeak(),
    oomKills: usage.oomKills(),
    cpuLimitCores: cpu?.processors ?? null,
    cpuUsageSeconds: usage.cpuSeconds(),
    cpuPeriods: throttling?.periods ?? null,
    cpuThrottledPeriods: throttling?.throttled ?? null,
    cpuThrottledSeconds: throttling?.seconds ?? null,
    pids: usage.pids(pids),
    pidsLimit: pids?.count ?? null,
  };
}
