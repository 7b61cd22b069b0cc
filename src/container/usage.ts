import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Controller, hierarchyOf, readText } from './cgroup.ts';
import type { MemoryLimit } from './limit.ts';

/** What this container has used, and what that did to it. Whatever cannot be read is null. */
export type Usage = {
  /**
   * How many of its processes the kernel killed for want of memory since its group was made: `oom_kill` of
   * memory.events (cgroup v2) or memory.oom_control (v1, Linux 4.13).
   */
  readonly oomKills: () => number | null;
  /** The most memory it ever used, in bytes, page cache included: memory.peak (v2, Linux 5.19) or its like of v1. */
  readonly memoryPeak: () => number | null;
  /** Whether the out-of-memory killer ends all of it at once, PID 1 too (v2; set by the kubelet since 1.28). */
  readonly killedAsOne: () => boolean;
  readonly throttling: () => Throttling | null;
};

/** Periods in which it ran, and those in which its quota held it up: cpu.stat, since the group was made. */
export type Throttling = { readonly periods: number; readonly throttled: number };

/** Finds the files once; each question then is one read. `root` is where / is looked for. */
export function usageHere(root = ''): Usage {
  const oom = first('memory', root, 'memory.oom_control', 'memory.events');
  const peak = first('memory', root, 'memory.max_usage_in_bytes', 'memory.peak');
  const group = first('memory', root, null, 'memory.oom.group');
  const cpu = first('cpu', root, 'cpu.stat', 'cpu.stat');
  return {
    oomKills: () => field(readText(oom), 'oom_kill'),
    memoryPeak: () => whole(readText(peak)),
    killedAsOne: () => whole(readText(group)) === 1,
    throttling() {
      const text = readText(cpu);
      const periods = field(text, 'nr_periods');
      const throttled = field(text, 'nr_throttled');
      return periods === null || throttled === null ? null : { periods, throttled };
    },
  };
}

/**
 * What counts against a limit, in bytes: all but the file pages that nobody has looked at lately, which the kernel
 * drops first. The kubelet calls it the working set, and evicts by it.
 */
export function workingSet({ source }: MemoryLimit): number | null {
  const folder = dirname(source);
  const usage = whole(readText(`${folder}/memory.current`)) ?? whole(readText(`${folder}/memory.usage_in_bytes`));
  const stat = readText(`${folder}/memory.stat`);
  const idle = field(stat, 'total_inactive_file') ?? field(stat, 'inactive_file') ?? 0;
  return usage === null ? null : Math.max(0, usage - idle);
}

/** The file in our group, or in the nearest ancestor that has it: not every group has every controller. */
function first(controller: Controller, root: string, inV1: string | null, inV2: string): string {
  const { version, folders } = hierarchyOf(controller, root) ?? { version: 2, folders: [] };
  const name = version === 1 ? inV1 : inV2;
  return folders.map((folder) => `${folder}/${name}`).find((path) => existsSync(path)) ?? '';
}

function field(text: string | null, name: string): number | null {
  const found = new RegExp(`^${name} (\\d+)$`, 'm').exec(text ?? '');
  return found === null ? null : Number(found[1]);
}

function whole(text: string | null): number | null {
  return text !== null && /^\d+\n?$/.test(text) ? Number(text) : null;
}
