import { existsSync, readFileSync } from 'node:fs';

/**
 * The folders of this process's control group: its own first, then each ancestor up to the mount (cgroups(7)), without those
 * that belong to all pods of a node. From inside a container nothing above the mount can be seen.
 */
export type Hierarchy = {
  readonly version: 1 | 2;
  readonly folders: readonly string[];
  /** The path of the group says that the kubelet made it. */
  readonly isOfPod: boolean;
};

export type Controller = 'cpu' | 'cpuacct' | 'memory' | 'pids';

/** A control group mount, from a line of /proc/pid/mountinfo (proc_pid_mountinfo(5)). */
export type CgroupMount = {
  readonly version: 1 | 2;
  /** The folder of the hierarchy that is mounted at `point`. */
  readonly root: string;
  readonly point: string;
  /** The controllers of a v1 hierarchy; v2 has all those that v1 does not have. */
  readonly controllers: readonly string[];
};

/** `root`: the folder to use as /, for tests. null: no such controller, or no /proc. */
export function hierarchyOf(controller: Controller, root = ''): Hierarchy | null {
  const membership = readText(`${root}/proc/self/cgroup`) ?? '';
  const mounts = mountsIn(readText(`${root}/proc/self/mountinfo`) ?? '');
  for (const version of [1, 2] as const) {
    const path = pathIn(membership, version === 1 ? controller : null);
    const ours = mounts.filter((mount) => mount.version === version && (version === 2 || has(mount, controller)));
    if (path === null || ours[0] === undefined) continue;
    const found = ours
      .map((mount) => ({ mount, below: belowMount(path, mount.root) }))
      .find(({ mount, below }) => below !== null && existsSync(`${root}${mount.point}${below}`));
    // A path that does not exist here is of another namespace, or outside the mount; then the mount itself is our group.
    const { mount, below } = found ?? { mount: ours[0], below: '' };
    const folders = ancestry(mount.point, below ?? '').map((folder) => `${root}${folder}`);
    const end = folders.findIndex((folder, index) => index > 0 && OF_ALL_PODS.test(folder));
    const isOfPod = path.split('/').some((_, index, names) => OF_ALL_PODS.test(names.slice(0, index).join('/')));
    return { version, folders: end === -1 ? folders : folders.slice(0, end), isOfPod };
  }
  return null;
}

/**
 * The groups that the kubelet makes above those of the pods, by the cgroupfs driver and the systemd driver. What limits them is
 * the node's share for all pods together.
 */
const OF_ALL_PODS = /\/([^/]*-)?kubepods(-burstable|-besteffort)?(\.slice)?(\/(burstable|besteffort))?$/;

/** The path of the group in /proc/pid/cgroup: for a v1 controller, or for the one v2 hierarchy (`null`). It may contain colons. */
export function pathIn(membership: string, controller: string | null): string | null {
  for (const line of membership.split('\n')) {
    const [, hierarchy, controllers = '', path = ''] = /^(\d+):([^:]*):(\/.*)$/.exec(line) ?? [];
    const found =
      controller === null ? hierarchy === '0' && controllers === '' : controllers.split(',').includes(controller);
    if (found) return path;
  }
  return null;
}

export function mountsIn(mountinfo: string): readonly CgroupMount[] {
  return mountinfo.split('\n').flatMap((line): readonly CgroupMount[] => {
    const [place = '', filesystem = ''] = line.split(' - ');
    const [, , , root, point] = place.split(' ').map(unescaped);
    const [type, , options = ''] = filesystem.split(' ');
    if (root === undefined || point === undefined) return [];
    if (type === 'cgroup2') return [{ version: 2, root, point, controllers: [] }];
    return type === 'cgroup' ? [{ version: 1, root, point, controllers: options.split(',') }] : [];
  });
}

export function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function has(mount: CgroupMount, controller: Controller): boolean {
  return mount.controllers.includes(controller);
}

/** The part of a path below the mounted folder; null: it is not below it, or is outside our cgroup namespace. */
function belowMount(path: string, root: string): string | null {
  if (path.split('/').includes('..')) return null;
  const start = root === '/' ? '' : root;
  if (path !== start && !path.startsWith(`${start}/`)) return null;
  return path.slice(start.length).replace(/\/$/, '');
}

function ancestry(point: string, below: string): readonly string[] {
  const names = below.split('/').filter(Boolean);
  return Array.from({ length: names.length + 1 }, (_, up) => [point, ...names.slice(0, names.length - up)].join('/'));
}

/** /proc/pid/mountinfo has spaces, tabs, newlines and backslashes as octal numbers. */
function unescaped(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
