import { existsSync, readFileSync } from 'node:fs';

/**
 * Where this process's control groups are: its own folder first, then each ancestor up to the mount (cgroups(7)). What
 * is above the mount cannot be seen from inside a container.
 */
export type Hierarchy = { readonly version: 1 | 2; readonly folders: readonly string[] };

export type Controller = 'cpu' | 'cpuacct' | 'memory' | 'pids';

/** A line of /proc/pid/mountinfo (proc_pid_mountinfo(5)), as far as it is about control groups. */
export type Mount = {
  readonly version: 1 | 2;
  /** The folder of the hierarchy that the mount shows at `point`. */
  readonly root: string;
  readonly point: string;
  /** Those of a v1 hierarchy; v2 has all that v1 has not. */
  readonly controllers: readonly string[];
};

/** `root` is where / is looked for. null: no such controller, or no /proc of ours. */
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
    // Where the path does not lead anywhere (another namespace's, or the mount shows less), a container sees its own group.
    const { mount, below } = found ?? { mount: ours[0], below: '' };
    return { version, folders: ancestry(mount.point, below ?? '').map((folder) => `${root}${folder}`) };
  }
  return null;
}

/** The path of a group in /proc/pid/cgroup: of a v1 controller, or of the one v2 hierarchy (`null`). It may hold colons. */
export function pathIn(membership: string, controller: string | null): string | null {
  for (const line of membership.split('\n')) {
    const [, hierarchy, controllers = '', path = ''] = /^(\d+):([^:]*):(\/.*)$/.exec(line) ?? [];
    const found =
      controller === null ? hierarchy === '0' && controllers === '' : controllers.split(',').includes(controller);
    if (found) return path;
  }
  return null;
}

export function mountsIn(mountinfo: string): readonly Mount[] {
  return mountinfo.split('\n').flatMap((line): readonly Mount[] => {
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

function has(mount: Mount, controller: Controller): boolean {
  return mount.controllers.includes(controller);
}

/** The rest of a path below the folder that a mount shows; null where it is not below it, or leaves its namespace. */
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

/** Spaces and the like are written as octal numbers in /proc/pid/mountinfo. */
function unescaped(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
