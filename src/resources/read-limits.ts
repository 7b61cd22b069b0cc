import { type Hierarchy, hierarchyOf, readText } from '../linux/cgroup.ts';
import type { CpuLimit, Limits, MemoryLimit, PidsLimit } from './limits.ts';

/** A file's word: a number of processors or of bytes, no limit, or something else than the kernel would write. */
export type Word = number | 'none' | 'nonsense';

/** From here on v1 means "unlimited": it writes the largest multiple of a page, which depends on the page's size. */
const UNLIMITED = 2 ** 62;

/**
 * Reads every limit of this container: the smallest among its control group and the ancestors that can be seen. `root` is
 * where / is looked for.
 */
export function readLimits(root = ''): Limits {
  const problems: string[] = [];
  const understand = (word: Word, path: string, text: string): number | null => {
    if (word === 'nonsense') problems.push(`cannot understand ${path}: ${JSON.stringify(text.trim().slice(0, 40))}`);
    return typeof word === 'number' ? word : null;
  };
  return { cpu: cpuLimit(root, understand), memory: memoryLimit(root, understand), problems };
}

/** The smallest `pids.max`; the kubelet sets the pod's (podPidsLimit). What cannot be understood is none. */
export function readPidsLimit(root = ''): PidsLimit | null {
  const limit = smallest(hierarchyOf('pids', root), ({ folder }) => read(`${folder}/pids.max`, bytes, numberOf));
  return limit === null ? null : { count: limit.value, source: limit.source };
}

const numberOf: Understand = (word) => (typeof word === 'number' ? word : null);

type Understand = (word: Word, path: string, text: string) => number | null;
type LimitFound = { readonly value: number; readonly source: string };

function cpuLimit(root: string, understand: Understand): CpuLimit | null {
  const hierarchy = hierarchyOf('cpu', root);
  const quota = smallest(hierarchy, ({ version, folder }) => {
    if (version === 2) return read(`${folder}/cpu.max`, cpuMax, understand);
    const period = readText(`${folder}/cpu.cfs_period_us`) ?? '';
    return read(`${folder}/cpu.cfs_quota_us`, (text) => cfsQuota(text, period), understand);
  });
  const allowedIn = `${root}/proc/self/status`;
  const allowed = cpuList(/^Cpus_allowed_list:\s*(.*)$/m.exec(readText(allowedIn) ?? '')?.[1] ?? '');
  const online = cpuList(readText(`${root}/sys/devices/system/cpu/online`) ?? '');
  const most = allowed ?? online ?? Number.POSITIVE_INFINITY;
  if (quota !== null && quota.value < most) return { processors: quota.value, allowed: most, source: quota.source };
  // A cpuset, or taskset(1): fewer processors than the machine has.
  if (allowed !== null && online !== null && allowed < online)
    return { processors: allowed, allowed, source: allowedIn };
  return quota === null ? null : { processors: most, allowed: most, source: quota.source };
}

function memoryLimit(root: string, understand: Understand): MemoryLimit | null {
  const hierarchy = hierarchyOf('memory', root);
  const bytesIn = (path: string): LimitFound | null => read(path, bytes, understand);
  const hard = smallest(hierarchy, ({ version, folder }) =>
    version === 2
      ? bytesIn(`${folder}/memory.max`)
      : // The second one is the limit of ancestors too, those included that cannot be seen from here.
        least(bytesIn(`${folder}/memory.limit_in_bytes`), read(`${folder}/memory.stat`, hierarchicalLimit, understand)),
  );
  // Above it nothing is killed, but everything crawls: no size may count on what is beyond it.
  const soft = smallest(hierarchy, ({ version, folder }) => (version === 2 ? bytesIn(`${folder}/memory.high`) : null));
  const total = /^MemTotal:\s*(\d+) kB$/m.exec(readText(`${root}/proc/meminfo`) ?? '');
  const machine = total === null ? null : { value: Number(total[1]) * 1_024, source: `${root}/proc/meminfo` };
  const limit = least(hard, soft);
  if (limit === null) return null;
  const { value, source } = least(limit, machine) ?? limit;
  return { bytes: value, source, seen: (least(hard, machine) ?? limit).value };
}

function smallest(
  hierarchy: Hierarchy | null,
  look: (at: { version: 1 | 2; folder: string }) => LimitFound | null,
): LimitFound | null {
  if (hierarchy === null) return null;
  const { version, folders } = hierarchy;
  return folders.map((folder) => look({ version, folder })).reduce(least, null);
}

function least(left: LimitFound | null, right: LimitFound | null): LimitFound | null {
  if (left === null || right === null) return left ?? right;
  return right.value < left.value ? right : left;
}

function read(path: string, parse: (text: string) => Word, understand: Understand): LimitFound | null {
  const text = readText(path);
  if (text === null) return null;
  const value = understand(parse(text), path, text);
  return value === null ? null : { value, source: path };
}

/** cpu.max of v2: `max 100000`, `150000 100000`; microseconds of a period, and the period. */
export function cpuMax(text: string): Word {
  const [, quota = '', period = ''] = /^(max|\d+) (\d+)\n?$/.exec(text) ?? [];
  return quota === 'max' ? 'none' : share(Number(quota || Number.NaN), Number(period));
}

/** cpu.cfs_quota_us and cpu.cfs_period_us of v1; -1 is no quota. */
export function cfsQuota(quota: string, period: string): Word {
  if (/^-1\n?$/.test(quota)) return 'none';
  if (!/^\d+\n?$/.test(quota) || !/^\d+\n?$/.test(period)) return 'nonsense';
  return share(Number(quota), Number(period));
}

function share(quota: number, period: number): Word {
  const processors = quota / period;
  return processors > 0 && Number.isFinite(processors) ? processors : 'nonsense';
}

/** memory.max and memory.high of v2, memory.limit_in_bytes of v1, pids.max. */
export function bytes(text: string): Word {
  if (/^(max|-1)\n?$/.test(text)) return 'none';
  if (!/^\d+\n?$/.test(text)) return 'nonsense';
  return Number(text) >= UNLIMITED ? 'none' : Number(text);
}

/** In memory.stat of v1. */
export function hierarchicalLimit(text: string): Word {
  const [, limit] = /^hierarchical_memory_limit (.*)$/m.exec(text) ?? [];
  return limit === undefined ? 'none' : bytes(limit);
}

/** How many processors a list such as `0-3,6` names (cpuset(7), List format); null where it is none. */
export function cpuList(text: string): number | null {
  if (!/^\d+(-\d+)?(,\d+(-\d+)?)*\n?$/.test(text)) return null;
  return text
    .trim()
    .split(',')
    .map((part) => part.split('-').map(Number))
    .reduce((sum, [first = 0, last = first]) => sum + last - first + 1, 0);
}
