/** Files of /proc and /sys in containers, as the kernel and container runtimes make them. */

const V2_MOUNT = (root: string): string =>
  `1525 1507 0:27 ${root} /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime - cgroup2 cgroup rw,nsdelegate,memory_recursiveprot\n`;
const OTHER_MOUNTS = `1506 1374 0:261 / / rw,relatime - overlay overlay rw,lowerdir=/var/lib/a:/var/lib/b,upperdir=/c,workdir=/d
1508 1506 0:264 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw
`;
const status = (allowed: string): string => `Name:\tnode\nPid:\t1\nCpus_allowed:\tff\nCpus_allowed_list:\t${allowed}\n`;

/** Eight processors and 16 GiB. */
export const MACHINE: Readonly<Record<string, string>> = {
  'proc/self/status': status('0-7'),
  'sys/devices/system/cpu/online': '0-7\n',
  'proc/meminfo': 'MemTotal:       16393216 kB\nMemFree:         1393216 kB\n',
};

/** Docker, containerd and CRI-O on cgroup v2: the container has a cgroup namespace, in which its group is the root. */
export const V2_NAMESPACE: Readonly<Record<string, string>> = {
  ...MACHINE,
  'proc/self/cgroup': '0::/\n',
  'proc/self/mountinfo': OTHER_MOUNTS + V2_MOUNT('/'),
  'sys/fs/cgroup/cgroup.controllers': 'cpuset cpu io memory hugetlb pids rdma misc\n',
  'sys/fs/cgroup/cpu.max': '150000 100000\n',
  'sys/fs/cgroup/cpu.stat':
    'usage_usec 5000\nuser_usec 3000\nsystem_usec 2000\nnr_periods 40\nnr_throttled 10\nthrottled_usec 900\n',
  'sys/fs/cgroup/memory.max': '536870912\n',
  'sys/fs/cgroup/memory.high': 'max\n',
  'sys/fs/cgroup/memory.current': '209715200\n',
  'sys/fs/cgroup/memory.peak': '314572800\n',
  'sys/fs/cgroup/memory.stat': 'anon 104857600\nfile 104857600\ninactive_file 52428800\nactive_file 52428800\n',
  'sys/fs/cgroup/memory.events': 'low 0\nhigh 0\nmax 12\noom 2\noom_kill 2\noom_group_kill 1\n',
  'sys/fs/cgroup/memory.oom.group': '1\n',
};

const POD = 'kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice';
const SCOPE = `${POD}/cri-containerd-2.scope`;

/** v2 without a cgroup namespace (privileged, or the host's): the whole hierarchy is mounted, and the pod has its own limit. */
export const V2_HOST: Readonly<Record<string, string>> = {
  ...MACHINE,
  'proc/self/cgroup': `0::/${SCOPE}\n`,
  'proc/self/mountinfo': OTHER_MOUNTS + V2_MOUNT('/'),
  [`sys/fs/cgroup/${SCOPE}/cpu.max`]: 'max 100000\n',
  [`sys/fs/cgroup/${POD}/cpu.max`]: '50000 100000\n',
  'sys/fs/cgroup/kubepods.slice/cpu.max': '800000 100000\n',
  [`sys/fs/cgroup/${SCOPE}/memory.max`]: '1073741824\n',
  [`sys/fs/cgroup/${SCOPE}/memory.high`]: 'max\n',
  [`sys/fs/cgroup/${POD}/memory.max`]: '268435456\n',
  'sys/fs/cgroup/kubepods.slice/memory.max': 'max\n',
};

const V1_GROUP = '/kubepods/burstable/pod1/2';
const V1_UNLIMITED = '9223372036854771712\n';

/** v1 in Docker and containerd: no cgroup namespace, and each mount has the container's own group only. */
export const V1_CONTAINER: Readonly<Record<string, string>> = {
  ...MACHINE,
  'proc/self/cgroup': `12:hugetlb:${V1_GROUP}\n11:memory:${V1_GROUP}\n4:cpu,cpuacct:${V1_GROUP}\n1:name=systemd:${V1_GROUP}\n`,
  'proc/self/mountinfo': `${OTHER_MOUNTS}1510 1509 0:26 ${V1_GROUP} /sys/fs/cgroup/systemd ro,nosuid - cgroup cgroup rw,xattr,name=systemd
1512 1509 0:32 ${V1_GROUP} /sys/fs/cgroup/memory ro,nosuid,nodev,noexec,relatime master:15 - cgroup cgroup rw,memory
1515 1509 0:35 ${V1_GROUP} /sys/fs/cgroup/cpu,cpuacct ro,nosuid,nodev,noexec,relatime master:18 - cgroup cgroup rw,cpu,cpuacct
`,
  'sys/fs/cgroup/memory/memory.limit_in_bytes': '268435456\n',
  'sys/fs/cgroup/memory/memory.usage_in_bytes': '104857600\n',
  'sys/fs/cgroup/memory/memory.max_usage_in_bytes': '157286400\n',
  'sys/fs/cgroup/memory/memory.stat':
    'cache 1\nrss 2\ninactive_file 4096\nhierarchical_memory_limit 201326592\ntotal_inactive_file 41943040\n',
  'sys/fs/cgroup/memory/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 3\n',
  'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '250000\n',
  'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n',
  'sys/fs/cgroup/cpu,cpuacct/cpu.stat': 'nr_periods 100\nnr_throttled 50\nthrottled_time 123456\n',
};

/**
 * The hybrid layout of systemd: controllers in v1, and a v2 hierarchy without controllers. Two nested groups, seen from the
 * host.
 */
export const HYBRID: Readonly<Record<string, string>> = {
  ...MACHINE,
  'proc/self/cgroup':
    '8:memory:/outer/inner\n7:cpuset:/\n3:cpu,cpuacct:/outer/inner\n1:name=systemd:/outer\n0::/outer\n',
  'proc/self/mountinfo': `${OTHER_MOUNTS}35 25 0:30 / /sys/fs/cgroup/unified rw,nosuid - cgroup2 cgroup2 rw,nsdelegate
40 25 0:35 / /sys/fs/cgroup/memory rw,nosuid,nodev,noexec,relatime shared:17 - cgroup cgroup rw,memory
41 25 0:36 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid,nodev,noexec,relatime shared:18 - cgroup cgroup rw,cpu,cpuacct
`,
  'sys/fs/cgroup/unified/outer/cgroup.procs': '1\n',
  'sys/fs/cgroup/memory/memory.limit_in_bytes': V1_UNLIMITED,
  'sys/fs/cgroup/memory/outer/memory.limit_in_bytes': '134217728\n',
  'sys/fs/cgroup/memory/outer/inner/memory.limit_in_bytes': V1_UNLIMITED,
  'sys/fs/cgroup/memory/outer/inner/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 0\n',
  'sys/fs/cgroup/cpu,cpuacct/outer/cpu.cfs_quota_us': '400000\n',
  'sys/fs/cgroup/cpu,cpuacct/outer/cpu.cfs_period_us': '100000\n',
  'sys/fs/cgroup/cpu,cpuacct/outer/inner/cpu.cfs_quota_us': '30000\n',
  'sys/fs/cgroup/cpu,cpuacct/outer/inner/cpu.cfs_period_us': '20000\n',
};

export { status, V2_MOUNT };
