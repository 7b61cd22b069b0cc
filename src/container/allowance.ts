import { readFileSync } from 'node:fs';

/**
 * What this container's cgroup allows it, what it uses of that, and how often it was held back. Bytes and seconds; null
 * where there is no limit, or where it cannot be read.
 */
export type Allowance = {
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

/** One file of a cgroup: its name in version 2, and the controllers and the name that it has in version 1. */
type File = { readonly v2: string; readonly v1: string; readonly controller: string };
export type Found = { readonly version: 1 | 2; readonly text: string };

const MEMORY_LIMIT: File = { v2: 'memory.max', v1: 'memory.limit_in_bytes', controller: 'memory' };
const MEMORY_USAGE: File = { v2: 'memory.current', v1: 'memory.usage_in_bytes', controller: 'memory' };
const MEMORY_PEAK: File = { v2: 'memory.peak', v1: 'memory.max_usage_in_bytes', controller: 'memory' };
const MEMORY_STAT: File = { v2: 'memory.stat', v1: 'memory.stat', controller: 'memory' };
/** `oom_kill` is in it since Linux 4.13. */
const MEMORY_EVENTS: File = { v2: 'memory.events', v1: 'memory.oom_control', controller: 'memory' };
const CPU_LIMIT: File = { v2: 'cpu.max', v1: 'cpu.cfs_quota_us', controller: 'cpu' };
const CPU_PERIOD: File = { v2: 'cpu.max', v1: 'cpu.cfs_period_us', controller: 'cpu' };
const CPU_STAT: File = { v2: 'cpu.stat', v1: 'cpu.stat', controller: 'cpu' };
const CPU_USAGE: File = { v2: 'cpu.stat', v1: 'cpuacct.usage', controller: 'cpuacct' };
const PIDS: File = { v2: 'pids.current', v1: 'pids.current', controller: 'pids' };
const PIDS_LIMIT: File = { v2: 'pids.max', v1: 'pids.max', controller: 'pids' };

/** Version 1 says "no limit" as the largest number of pages there is: nobody has an exbibyte. */
const BEYOND_MEASURE = 2 ** 60;
const MICRO = 1e-6;
const NANO = 1e-9;

/** Reads a handful of small files, at the moment of the question. */
export function allowance(): Allowance {
  const membership = readText('/proc/self/cgroup') ?? '';
  return parseAllowance((file) => find(file, membership));
}

export function parseAllowance(read: (file: File) => Found | null): Allowance {
  const number = (file: File): number | null => numberIn(read(file)?.text ?? '');
  const usage = number(MEMORY_USAGE);
  const memory = read(MEMORY_STAT);
  const inactive =
    memory === null ? null : lineOf(memory, memory.version === 2 ? 'inactive_file' : 'total_inactive_file');
  const limit = number(MEMORY_LIMIT);
  const events = read(MEMORY_EVENTS);
  const cpu = read(CPU_STAT);
  const time = read(CPU_USAGE);
  const throttled = cpu === null ? null : lineOf(cpu, cpu.version === 2 ? 'throttled_usec' : 'throttled_time');
  return {
    memoryLimitBytes: limit !== null && limit < BEYOND_MEASURE ? limit : null,
    memoryUsageBytes: usage,
    memoryWorkingSetBytes: usage === null || inactive === null ? null : Math.max(0, usage - inactive),
    memoryPeakBytes: number(MEMORY_PEAK),
    oomKills: events === null ? null : lineOf(events, 'oom_kill'),
    cpuLimitCores: coresOf(read(CPU_LIMIT), read(CPU_PERIOD)),
    cpuUsageSeconds:
      time === null
        ? null
        : time.version === 2
          ? scaled(lineOf(time, 'usage_usec'), MICRO)
          : scaled(numberIn(time.text), NANO),
    cpuPeriods: cpu === null ? null : lineOf(cpu, 'nr_periods'),
    cpuThrottledPeriods: cpu === null ? null : lineOf(cpu, 'nr_throttled'),
    cpuThrottledSeconds: scaled(throttled, cpu?.version === 2 ? MICRO : NANO),
    pids: number(PIDS),
    pidsLimit: number(PIDS_LIMIT),
  };
}

/** Version 2 has quota and period in one file, `max 100000` without a quota; version 1 has two, -1 without. */
function coresOf(quota: Found | null, period: Found | null): number | null {
  if (quota === null || period === null) return null;
  const words = quota.version === 2 ? quota.text.trim().split(' ') : [quota.text.trim(), period.text.trim()];
  const cores = Number(words[0]) / Number(words[1]);
  return Number.isFinite(cores) && cores > 0 ? cores : null;
}

function numberIn(text: string): number | null {
  return /^\d+\s*$/.test(text) ? Number(text) : null;
}

function lineOf({ text }: Found, name: string): number | null {
  const found = new RegExp(`^${name} (\\d+)$`, 'm').exec(text);
  return found === null ? null : Number(found[1]);
}

function scaled(value: number | null, unit: number): number | null {
  return value === null ? null : value * unit;
}

/** Below the mount by the path that /proc/self/cgroup names, or at the mount itself: see cgroup.ts. */
function find(file: File, membership: string): Found | null {
  for (const line of membership.split('\n')) {
    const [hierarchy, controllers = '', ...rest] = line.split(':');
    const path = rest.join(':').replace(/\/$/, '');
    const unified = hierarchy === '0' && controllers === '';
    if (!unified && !controllers.split(',').includes(file.controller)) continue;
    const roots = unified ? ['', '/unified'] : [`/${controllers}`, `/${file.controller}`];
    for (const root of roots) {
      for (const folder of [`${root}${path}`, root]) {
        const text = readText(`/sys/fs/cgroup${folder}/${unified ? file.v2 : file.v1}`);
        if (text !== null) return { version: unified ? 2 : 1, text };
      }
    }
  }
  return null;
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
