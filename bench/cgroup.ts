import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../test/rig/deadline.ts';

const MOUNT = '/sys/fs/cgroup';
/** cgroup v2: one tree for all controllers. */
const UNIFIED = existsSync(join(MOUNT, 'cgroup.controllers'));

/** A new control group for one controller. Disposing it waits until it is empty and removes it. */
export type Group = AsyncDisposable & {
  /** The command line that runs `command` in the group. */
  readonly inside: (command: readonly string[]) => readonly string[];
  /** The command line that runs `command` outside the group, where it is not counted. */
  readonly outside: (command: readonly string[]) => readonly string[];
  readonly read: (file: string) => string;
};

let created = 0;

/** Creates a group, or gives the reason why it cannot. */
export function makeGroup(
  controller: 'memory' | 'cpu',
  settings: Readonly<Record<string, string>>,
): Group | { readonly missing: string } {
  const parent = UNIFIED ? MOUNT : join(MOUNT, controller);
  created += 1;
  const path = join(parent, `k8s-run-bench-${process.pid}-${created}`);
  try {
    if (UNIFIED) writeFileSync(join(parent, 'cgroup.subtree_control'), `+${controller}`);
    mkdirSync(path);
    for (const [file, value] of Object.entries(settings)) writeFileSync(join(path, file), value);
  } catch (error) {
    return {
      missing: `cannot create a ${controller} cgroup (${(error as Error).message}); run as root on the host`,
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
      await until('the end of all processes in the cgroup', () => {
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

/** A limit in bytes; null is no limit. */
export function memoryLimit(bytes: number | null): Readonly<Record<string, string>> {
  if (bytes === null) return {};
  return UNIFIED ? { 'memory.max': String(bytes) } : { 'memory.limit_in_bytes': String(bytes) };
}

/** A share of one CPU, in periods of 100 ms, as Kubernetes sets it. */
export function cpuLimit(share: number): Readonly<Record<string, string>> {
  const quota = String(share * 100_000);
  return UNIFIED ? { 'cpu.max': `${quota} 100000` } : { 'cpu.cfs_period_us': '100000', 'cpu.cfs_quota_us': quota };
}

/** MiB charged to the group, and the working set, by which the kubelet evicts: without the inactive page cache. */
export function chargedTo(group: Group): { readonly usage: number; readonly workingSet: number } {
  const usage = Number(group.read(UNIFIED ? 'memory.current' : 'memory.usage_in_bytes'));
  const name = UNIFIED ? 'inactive_file' : 'total_inactive_file';
  const inactive = Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(group.read('memory.stat'))?.[1] ?? 0);
  return { usage: usage / 2 ** 20, workingSet: Math.max(0, usage - inactive) / 2 ** 20 };
}
