import { type Hierarchy, hierarchyOf, readText } from '../linux/cgroup.ts';
import type { CpuLimit, Limits, MemoryLimit, PidsLimit } from './limits.ts';

/**
 * The content of a limit file: a number of processors, bytes or processes; no limit; or anything that the kernel does not
 * write.
 */
export type LimitValue = number | 'none' | 'invalid';

/** v1 writes "no limit" as the largest multiple of the page size, which is above this. */
const UNLIMITED = 2 ** 62;

/** Reads the limits again and again, because an in-place resize of the pod changes them while the container runs. */
export type LimitReader = {
  readonly read: () => Limits;
  /** Whether there is a control group to read them from. */
  readonly hasGroup: boolean;
};

/**
 * Reads the CPU and memory limits of this container: the smallest of its control group and the ancestors that can be seen.
 * `root`: the folder to use as /, for tests.
 */
export function readLimits(root = ''): Limits {
  return openLimits(root).read();
}

/** The same, again and again: finds the groups once, then reads a handful of small files each time. */
export function openLimits(root = ''): LimitReader {
  const cpu = hierarchyOf('cpu', root);
  const memory = hierarchyOf('memory', root);
  return {
    hasGroup: cpu !== null || memory !== null,
    read() {
      const problems: string[] = [];
      const report: ProblemListener = (path, text) => {
        problems.push(
          `cannot read the limit in ${path}: unexpected content ${JSON.stringify(text.trim().slice(0, 40))}`,
        );
      };
      // LXCFS shows the container's limits as those of the machine, so they change as well.
      const place = { root, machine: machineOf(root), report };
      return { cpu: cpuLimit(cpu, place), memory: memoryLimit(memory, place), problems };
    },
  };
}

/** The smallest `pids.max`; the kubelet sets that of the pod (podPidsLimit). Unexpected content counts as no limit. */
export function readPidsLimit(root = ''): PidsLimit | null {
  const limit = smallest(hierarchyOf('pids', root), ({ folder }) => read(`${folder}/pids.max`, bytes, () => {}));
  return limit === null ? null : { count: limit.value, source: limit.source };
}

/** Called for a file whose content is not a limit. */
type ProblemListener = (path: string, text: string) => void;
type LimitFound = { readonly value: number; readonly source: string };

/** What the machine has, whatever is limited; null: unknown. */
type Machine = { readonly memory: LimitFound | null; readonly processors: number | null };
type Where = { readonly root: string; readonly machine: Machine; readonly report: ProblemListener };

function machineOf(root: string): Machine {
  const total = /^MemTotal:\s*(\d+) kB$/m.exec(readText(`${root}/proc/meminfo`) ?? '');
  return {
    memory: total === null ? null : { value: Number(total[1]) * 1_024, source: `${root}/proc/meminfo` },
    processors: cpuList(readText(`${root}/sys/devices/system/cpu/online`) ?? ''),
  };
}

function cpuLimit(hierarchy: Hierarchy | null, { root, machine, report }: Where): CpuLimit | null {
  const quota = smallest(hierarchy, ({ version, folder }) => {
    if (version === 2) return read(`${folder}/cpu.max`, cpuMax, report);
    const period = readText(`${folder}/cpu.cfs_period_us`) ?? '';
    return read(`${folder}/cpu.cfs_quota_us`, (text) => cfsQuota(text, period), report);
  });
  const allowedIn = `${root}/proc/self/status`;
  const allowed = cpuList(/^Cpus_allowed_list:\s*(.*)$/m.exec(readText(allowedIn) ?? '')?.[1] ?? '');
  const online = machine.processors;
  const most = allowed ?? online ?? Number.POSITIVE_INFINITY;
  const shared = { allowed: most, quota: quota?.value ?? null };
  if (quota !== null && quota.value < most) return { ...shared, processors: quota.value, source: quota.source };
  // A cpuset, or taskset(1): fewer processors than the machine has.
  if (allowed !== null && online !== null && allowed < online)
    return { ...shared, processors: allowed, source: allowedIn };
  return quota === null ? null : { ...shared, processors: most, source: quota.source };
}

function memoryLimit(hierarchy: Hierarchy | null, { machine: { memory: machine }, report }: Where): MemoryLimit | null {
  const bytesIn = (path: string): LimitFound | null => read(path, bytes, report);
  const seen = smallest(hierarchy, ({ version, folder }) => {
    const limit = bytesIn(`${folder}/${version === 2 ? 'memory.max' : 'memory.limit_in_bytes'}`);
    return folder === hierarchy?.folders[0] ? limit : belowAll(limit, machine);
  });
  const hard = least(seen, hierarchy?.version === 1 ? ofAncestors(hierarchy, { seen, machine, report }) : null);
  // Above memory.high the kernel slows the container down so much that no size may be above it.
  const soft = smallest(hierarchy, ({ version, folder }) => (version === 2 ? bytesIn(`${folder}/memory.high`) : null));
  const limit = least(hard, soft);
  if (limit === null) return null;
  const { value, source } = least(limit, machine) ?? limit;
  return { bytes: value, source, visible: (least(hard, machine) ?? limit).value };
}

/**
 * On v1, hierarchical_memory_limit is the smallest of all ancestors, also of those that cannot be seen from here. Where the
 * kubelet gave the container no limit the pod has none either, so that it is the node's share for all pods.
 */
function ofAncestors(
  hierarchy: Hierarchy,
  { seen, machine, report }: { seen: LimitFound | null; machine: LimitFound | null; report: ProblemListener },
): LimitFound | null {
  if (seen === null && hierarchy.isOfPod) return null;
  return belowAll(read(`${hierarchy.folders[0]}/memory.stat`, hierarchicalLimit, report), machine);
}

/** A group above the container that may have all memory of the machine limits nothing. */
function belowAll(limit: LimitFound | null, machine: LimitFound | null): LimitFound | null {
  return limit !== null && machine !== null && limit.value >= machine.value ? null : limit;
}

function smallest(
  hierarchy: Hierarchy | null,
  find: (group: { version: 1 | 2; folder: string }) => LimitFound | null,
): LimitFound | null {
  if (hierarchy === null) return null;
  const { version, folders } = hierarchy;
  return folders.map((folder) => find({ version, folder })).reduce(least, null);
}

function least(left: LimitFound | null, right: LimitFound | null): LimitFound | null {
  if (left === null || right === null) return left ?? right;
  return right.value < left.value ? right : left;
}

function read(path: string, parse: (text: string) => LimitValue, report: ProblemListener): LimitFound | null {
  const text = readText(path);
  if (text === null) return null;
  const value = parse(text);
  if (value === 'invalid') report(path, text);
  return typeof value === 'number' ? { value, source: path } : null;
}

/** cpu.max of v2: `max 100000` or `150000 100000`, the quota and the period in microseconds. */
export function cpuMax(text: string): LimitValue {
  const [, quota = '', period = ''] = /^(max|\d+) (\d+)\n?$/.exec(text) ?? [];
  return quota === 'max' ? 'none' : share(Number(quota || Number.NaN), Number(period));
}

/** cpu.cfs_quota_us and cpu.cfs_period_us of v1; a quota of -1 is no limit. */
export function cfsQuota(quota: string, period: string): LimitValue {
  if (/^-1\n?$/.test(quota)) return 'none';
  if (!/^\d+\n?$/.test(quota) || !/^\d+\n?$/.test(period)) return 'invalid';
  return share(Number(quota), Number(period));
}

function share(quota: number, period: number): LimitValue {
  const processors = quota / period;
  return processors > 0 && Number.isFinite(processors) ? processors : 'invalid';
}

/** memory.max and memory.high of v2, memory.limit_in_bytes of v1, pids.max. */
export function bytes(text: string): LimitValue {
  if (/^(max|-1)\n?$/.test(text)) return 'none';
  if (!/^\d+\n?$/.test(text)) return 'invalid';
  return Number(text) >= UNLIMITED ? 'none' : Number(text);
}

/** hierarchical_memory_limit of memory.stat of v1. */
export function hierarchicalLimit(text: string): LimitValue {
  const [, limit] = /^hierarchical_memory_limit (.*)$/m.exec(text) ?? [];
  return limit === undefined ? 'none' : bytes(limit);
}

/** The number of processors in a list such as `0-3,6` (cpuset(7), List format); null: it is not a list. */
export function cpuList(text: string): number | null {
  if (!/^\d+(-\d+)?(,\d+(-\d+)?)*\n?$/.test(text)) return null;
  return text
    .trim()
    .split(',')
    .map((part) => part.split('-').map(Number))
    .reduce((sum, [first = 0, last = first]) => sum + last - first + 1, 0);
}
