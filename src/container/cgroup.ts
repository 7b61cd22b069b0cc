import { readFileSync } from 'node:fs';

/**
 * How many processes of this container's cgroup the kernel killed for want of memory, since the cgroup was made: the
 * `oom_kill` of memory.events (cgroup v2) or memory.oom_control (v1, Linux 4.13). null where neither can be read.
 */
export function oomKills(): number | null {
  for (const path of candidates(readText('/proc/self/cgroup') ?? '')) {
    const found = /^oom_kill (\d+)$/m.exec(readText(path) ?? '');
    if (found !== null) return Number(found[1]);
  }
  return null;
}

/**
 * Where the files may be, given /proc/self/cgroup (cgroups(7)): below the mount by the path it names, and at the mount
 * itself, where a container without a cgroup namespace sees its own.
 */
export function candidates(membership: string): readonly string[] {
  const paths: string[] = [];
  for (const line of membership.split('\n')) {
    const [hierarchy, controllers = '', ...rest] = line.split(':');
    const path = rest.join(':').replace(/\/$/, '');
    if (hierarchy === '0' && controllers === '') {
      for (const root of ['/sys/fs/cgroup', '/sys/fs/cgroup/unified']) {
        paths.push(`${root}${path}/memory.events`, `${root}/memory.events`);
      }
    } else if (controllers.split(',').includes('memory')) {
      paths.push(`/sys/fs/cgroup/memory${path}/memory.oom_control`, '/sys/fs/cgroup/memory/memory.oom_control');
    }
  }
  return [...new Set(paths)];
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
