import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ParsedFamily, parseExposition, sampleOf } from '../rig/exposition.ts';
import { firstIn } from '../rig/namespace.ts';
import type { Supervised } from '../rig/supervised.ts';

/** Files of a group on cgroup v2 and what is written into them, as the kubelet and the runtime do: `memory.max`, `cpu.max` … */
export type Files = Readonly<Record<string, string | number>>;

/** The groups of a container as containerd makes them for the kubelet with systemd's names. Disposing ends what runs in them. */
export type Container = AsyncDisposable & {
  /** For `prefix` of a start: PID 1 of a container in this group. The process outside that waits for it is what a shim is. */
  readonly prefix: readonly string[];
  /** The same on the node's own namespaces: a privileged container, or a runtime without cgroup namespaces. */
  readonly prefixOnHost: readonly string[];
  readonly folder: string;
  readonly podFolder: string;
  /** Writes a file of the container's group, now. */
  readonly write: (files: Files) => void;
  /** A file of its group, as the node sees it. */
  readonly read: (file: string) => string;
};

const MOUNT = '/sys/fs/cgroup';
const CONTROLLERS = '+cpuset +cpu +memory +pids';
let pods = 0;

/** `container` and `pod`: the files of the container's group, and of the pod's above it. */
export function makeContainer(container: Files, pod: Files = {}): Container {
  pods += 1;
  const kubepods = join(MOUNT, 'kubepods.slice');
  const podFolder = join(kubepods, `kubepods-pod${process.pid}_${pods}.slice`);
  const folder = join(podFolder, 'cri-containerd-1.scope');
  mkdirSync(kubepods, { recursive: true });
  writeFileSync(join(kubepods, 'cgroup.subtree_control'), CONTROLLERS);
  mkdirSync(podFolder);
  writeFileSync(join(podFolder, 'cgroup.subtree_control'), CONTROLLERS);
  mkdirSync(folder);
  writeAll(podFolder, pod);
  writeAll(folder, container);
  const enter = ['sh', '-c', `echo 0 >${folder}/cgroup.procs && exec "$@"`, 'sh'];
  const mount = `umount ${MOUNT} && mount -t cgroup2 -o ro,nosuid,nodev,noexec cgroup2 ${MOUNT} && exec "$@"`;
  const inside = ['unshare', '--cgroup', '--mount', '--mount-proc', 'sh', '-c', mount, 'sh'];
  // Its first child is PID 1 of the namespace. The shell ends with 137 for SIGKILL, as containers do.
  const outside = ['unshare', '--pid', 'sh', '-c', '"$@"; exit $?', 'sh'];
  return {
    prefix: [...outside, ...enter, ...inside],
    prefixOnHost: enter,
    folder,
    podFolder,
    write: (files) => writeAll(folder, files),
    read: (file) => readFileSync(join(folder, file), 'utf8').trim(),
    async [Symbol.asyncDispose]() {
      writeFileSync(join(podFolder, 'cgroup.kill'), '1');
      while (existsSync(podFolder)) {
        try {
          rmdirSync(folder);
          rmdirSync(podFolder);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
          await sleep(20);
        }
      }
    },
  };
}

/** The pid of k8s-run in our namespace, where that of `run` is what waits for it. */
export function supervisorOf(run: Supervised): Promise<number> {
  return firstIn(run.pid);
}

/** A scrape; the function returns the value of one metric of the container, such as `memory_limit_bytes`; null: not exported. */
export async function scrape(run: Supervised): Promise<(name: string) => number | null> {
  const families: readonly ParsedFamily[] = parseExposition((await run.get('/metrics')).body, 'text');
  return (name) => {
    const full = `k8s_run_container_${name}`;
    return families.some((family) => family.name === full) ? sampleOf(families, full) : null;
  };
}

/** A value in a file of lines `name value`, such as cpu.stat and memory.events. */
export function valueIn(text: string, name: string): number {
  const value = new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1];
  if (value === undefined) throw new Error(`no ${name} in\n${text}`);
  return Number(value);
}

function writeAll(folder: string, files: Files): void {
  for (const [file, value] of Object.entries(files)) writeFileSync(join(folder, file), String(value));
}
