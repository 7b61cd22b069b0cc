import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../test/rig/deadline.ts';

const MOUNT = '/sys/fs/cgroup';
/** cgroup v2: one tree for all controllers. */
const UNIFIED = existsSync(join(MOUNT, 'cgroup.controllers'));

/** A control group of our own, for one controller. Disposing waits until it is empty, and removes it. */
export type Group = AsyncDisposable & {
  /** The command line, run in the group. */
  readonly inside: (command: readonly string[]) => readonly string[];
  /** The command line, run out of it: for what shall not be counted. */
  readonly outside: (command: readonly string[]) => readonly string[];
  readonly read: (file: string) => string;
};

let made = 0;

/** Makes one, or says why not. */
export function makeGroup(
  controller: 'memory' | 'cpu',
  settings: Readonly<Record<string, string>>,
): Group | { readonly missing: string } {
  const parent = UNIFIED ? MOUNT : join(MOUNT, controller);
  made += 1;
  const path = join(parent, `k8s-run-bench-${process.pid}-${made}`);
  try {
    if (UNIFIED) writeFileSync(join(parent, 'cgroup.subtree_control'), `+${controller}`);
    mkdirSync(path);
    for (const [file, value] of Object.entries(settings)) writeFileSync(join(path, file), value);
  } catch (error) {
    return {
      missing: `no ${controller} cgroup can be made (${(error as Error).message}), which takes root on the host`,
    };
  }
  const joining = (group: string, command: readonly string[]): readonly string[] => [
    ...['bash', '-c', 'echo $$ >"$0" && exec "$@"', join(group, 'cgroup.procs')],
    ...command,
  ];
  return {
    inside: (command) => joining(path, command),
    outside: (command) => joining(parent, command),
    read: (file) => readFileSync(join(path, file), 'utf8'),
    async [Symbol.asyncDispose]() {
      await until('the end of all in the cgroup', () => {
        try {
          rmdirSync(path);
          return true;
        } catch {
          return false;
        }
      });
    },
  };
}

/** Bytes of memory and swap, for good; none is no limit. */
export function memoryLimit(bytes: number | null): Readonly<Record<string, string>> {
  if (bytes === null) return {};
  return UNIFIED ? { 'memory.max': String(bytes) } : { 'memory.limit_in_bytes': String(bytes) };
}

/** A share of one CPU, in the periods of a tenth of a second that Kubernetes uses. */
export function cpuLimit(share: number): Readonly<Record<string, string>> {
  const quota = String(share * 100_000);
  return UNIFIED ? { 'cpu.max': `${quota} 100000` } : { 'cpu.cfs_period_us': '100000', 'cpu.cfs_quota_us': quota };
}

/** MiB charged to the group, and of it what the kubelet counts against eviction: without the inactive page cache. */
export function chargedTo(group: Group): { readonly usage: number; readonly workingSet: number } {
  const usage = Number(group.read(UNIFIED ? 'memory.current' : 'memory.usage_in_bytes'));
  const name = UNIFIED ? 'inactive_file' : 'total_inactive_file';
  const inactive = Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(group.read('memory.stat'))?.[1] ?? 0);
  return { usage: usage / 2 ** 20, workingSet: Math.max(0, usage - inactive) / 2 ** 20 };
}
