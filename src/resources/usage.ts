import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Controller, hierarchyOf, readText } from '../linux/cgroup.ts';
import type { CpuLimit, MemoryLimit, PidsLimit } from './limits.ts';

/** What this container has used, and what that did to it. Whatever cannot be read is null. */
export type CgroupUsage = {
  /**
   * How many of its processes the kernel killed for want of memory since its group was made: `oom_kill` of
   * memory.events (cgroup v2) or memory.oom_control (v1, Linux 4.13).
   */
  readonly oomKills: () => number | null;
  /** The most memory it ever used, in bytes, page cache included: memory.peak (v2, Linux 5.19) or its like of v1. */
  readonly memoryPeak: () => number | null;
  /** Whether the out-of-memory killer ends all of it at once, PID 1 too (v2; set by the kubelet since 1.28). */
  readonly killedAsOne: () => boolean;
  /** Of the group that has the limit, which may be an ancestor; ours where there is none. */
  readonly throttling: (limit: CpuLimit | null) => Throttling | null;
  /** Processor time of all its processes, in seconds: cpu.stat (v2) or cpuacct.usage (v1). */
  readonly cpuSeconds: () => number | null;
  /** Bytes charged to the group that has the limit, or to ours where there is none. */
  readonly memory: (limit: MemoryLimit | null) => MemoryUse | null;
  /** Processes and threads of the group that has the limit, or of ours. */
  readonly pids: (limit: PidsLimit | null) => number | null;
};

/** Periods in which it ran, and those in which its quota held it up, and for how long: cpu.stat, since the group was made. */
export type Throttling = { readonly periods: number; readonly throttled: number; readonly seconds: number | null };

/** `working`: what counts against a limit; null where inactive pages are not told apart. */
export type MemoryUse = { readonly charged: number; readonly working: number | null };

const MICRO = 1e-6;
const NANO = 1e-9;

/** Finds the files once; each question then is one read. `root` is where / is looked for. */
export function openCgroupUsage(root = ''): CgroupUsage {
  const oom = first('memory', root, 'memory.oom_control', 'memory.events');
  const peak = first('memory', root, 'memory.max_usage_in_bytes', 'memory.peak');
  const group = first('memory', root, null, 'memory.oom.group');
  const cpu = first('cpu', root, 'cpu.stat', 'cpu.stat');
  const time = first('cpuacct', root, 'cpuacct.usage', 'cpu.stat');
  const memory = dirname(first('memory', root, 'memory.usage_in_bytes', 'memory.current'));
  const pids = first('pids', root, 'pids.current', 'pids.current');
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
 * What counts against a limit, in bytes: all but the file pages that nobody has looked at lately, which the kernel
 * drops first. The kubelet calls it the working set, and evicts by it.
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

/** A file of the group that a limit stands in. */
function beside(limit: { readonly source: string } | null, name: string): string | null {
  return limit === null ? null : readText(`${dirname(limit.source)}/${name}`);
}

/** The file in our group, or in the nearest ancestor that has it: not every group has every controller. */
function first(controller: Controller, root: string, inV1: string | null, inV2: string): string {
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
