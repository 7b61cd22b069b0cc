import { readLimits, readPidsLimit } from './read-limits.ts';
import { openCgroupUsage } from './usage.ts';

/**
 * What this container's control groups allow it, what it uses of that, and how often it was held back. Bytes and seconds; null
 * where there is no limit, or where it cannot be read. What can be set against a limit is of the group that has it, be it an
 * ancestor.
 */
export type ResourceSnapshot = {
  readonly memoryLimitBytes: number | null;
  readonly memoryUsageBytes: number | null;
  /** Usage without inactive file pages, as the kubelet counts for eviction and `kubectl top`. */
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

/** Reads a handful of small files, at the moment of the question. `root` is where / is looked for. */
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
