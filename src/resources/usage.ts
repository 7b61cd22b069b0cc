import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Controller, hierarchyOf, readText } from '../linux/cgroup.ts';
import type { CpuLimit, MemoryLimit, PidsLimit } from './limits.ts';

/** The use of memory, CPU and processes by this container, and its effects. null: it cannot be read. */
export type CgroupUsage = {
  /**
   * How many of its processes the OOM killer has killed since the group was made: `oom_kill` of memory.events (cgroup v2) or
   * memory.oom_control (v1, since Linux 4.13).
   */
  readonly oomKills: () => number | null;
  /**
   * The most memory that it used, in bytes, page cache included: memory.peak (v2, since Linux 5.19) or
   * memory.max_usage_in_bytes (v1).
   */
  readonly memoryPeak: () => number | null;
  /**
   * Whether the OOM killer kills the whole group at once, PID 1 included: memory.oom.group (v2; the kubelet sets it since
   * 1.28).
   */
  readonly killedAsOne: () => boolean;
  /** The throttling of the group that has the limit, which may be an ancestor; of our own group without a limit. */
  readonly throttling: (limit: CpuLimit | null) => Throttling | null;
  /** CPU time of all its processes, in seconds: cpu.stat (v2) or cpuacct.usage (v1). */
  readonly cpuSeconds: () => number | null;
  /** Bytes charged to the group that has the limit, or to our own group without a limit. */
  readonly memory: (limit: MemoryLimit | null) => MemoryUse | null;
  /** Processes and threads of the group that has the limit, or of our own group. */
  readonly pids: (limit: PidsLimit | null) => number | null;
};

/** Periods in which the group ran, those in which it was throttled, and for how long, since it was made: cpu.stat. */
export type Throttling = { readonly periods: number; readonly throttled: number; readonly seconds: number | null };

/** `working`: what counts against a limit; null: the inactive pages are not known. */
export type MemoryUse = { readonly charged: number; readonly working: number | null };

const MICRO = 1e-6;
const NANO = 1e-9;

/** Finds the files once; each method then reads one or two of them. `root`: the folder to use as /, for tests. */
export function openCgroupUsage(root = ''): CgroupUsage {
  const oom = nearest('memory', root, 'memory.oom_control', 'memory.events');
  const peak = nearest('memory', root, 'memory.max_usage_in_bytes', 'memory.peak');
  const group = nearest('memory', root, null, 'memory.oom.group');
  const cpu = nearest('cpu', root, 'cpu.stat', 'cpu.stat');
  const time = nearest('cpuacct', root, 'cpuacct.usage', 'cpu.stat');
  const memory = dirname(nearest('memory', root, 'memory.usage_in_bytes', 'memory.current'));
  const pids = nearest('pids', root, 'pids.current', 'pids.current');
  return {
    oomKills: () => field(readText(oom), 'oom_kill'),
    memoryPeak: () => whole(readText(peak)),
    killedAsOne: () => whole(readText(group)) === 1,
    throttling(limit) {
      const text = beside(limit, 'cpu.stat') ?? readText(cpu);
      const periods = field(text, 'nr_periods');
      const throttled = field(text, 'nr_throttled');
      const seconds = scaled(field(text, 'throttled_usec'), MICRO) ?? scaled(field(text, 'throttled_time'), NANO);
      return periods === null || throttled === null ? null : { periods, throttled, seconds };
    },
    cpuSeconds() {
      const text = readText(time);
      return scaled(field(text, 'usage_usec'), MICRO) ?? scaled(whole(text), NANO);
    },
    memory: (limit) => (limit === null ? null : memoryIn(dirname(limit.source))) ?? memoryIn(memory),
    pids: (limit) => whole(beside(limit, 'pids.current') ?? readText(pids)),
  };
}

/**
 * What counts against a limit, in bytes: all memory but inactive file pages, which the kernel drops first. The kubelet calls
 * it the working set and evicts pods by it.
 */
export function workingSet({ source }: MemoryLimit): number | null {
  const use = memoryIn(dirname(source));
  return use === null ? null : (use.working ?? use.charged);
}

function memoryIn(folder: string): MemoryUse | null {
  const charged = whole(readText(`${folder}/memory.current`)) ?? whole(readText(`${folder}/memory.usage_in_bytes`));
  const stat = readText(`${folder}/memory.stat`);
  const idle = field(stat, 'total_inactive_file') ?? field(stat, 'inactive_file');
  return charged === null ? null : { charged, working: idle === null ? null : Math.max(0, charged - idle) };
}

/** A file in the folder of the group that has the limit. */
function beside(limit: { readonly source: string } | null, name: string): string | null {
  return limit === null ? null : readText(`${dirname(limit.source)}/${name}`);
}

/** The path of a file in our group, or in the nearest ancestor that has it, because not every group has every controller. */
function nearest(controller: Controller, root: string, inV1: string | null, inV2: string): string {
  const { version, folders } = hierarchyOf(controller, root) ?? { version: 2, folders: [] };
  const name = version === 1 ? inV1 : inV2;
  return folders.map((folder) => `${folder}/${name}`).find((path) => existsSync(path)) ?? '';
}

function field(text: string | null, name: string): number | null {
  return whole(new RegExp(`^${name} (\\d+)$`, 'm').exec(text ?? '')?.[1] ?? null);
}

function whole(text: string | null): number | null {
  const value = text !== null && /^\d+\n?$/.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : null;
}

function scaled(value: number | null, unit: number): number | null {
  return value === null ? null : value * unit;
}
