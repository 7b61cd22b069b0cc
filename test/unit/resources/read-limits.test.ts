import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bytes, cfsQuota, cpuList, cpuMax, hierarchicalLimit, readLimits } from '../../../src/resources/read-limits.ts';
import { HYBRID, MACHINE, status, V1_CONTAINER, V2_HOST, V2_NAMESPACE } from '../../rig/cgroup-trees.ts';
import { makeTree } from '../../rig/tree.ts';

const MIB = 2 ** 20;

type ReadLimits = {
  cpu: readonly (number | string)[] | null;
  memory: readonly (number | string)[] | null;
  problems: string[];
};

/** CPU: limit, allowed processors, source. Memory: limit in MiB, MiB that runtimes see, source. */
function limitsOf(files: Readonly<Record<string, string>>): ReadLimits {
  using tree = makeTree(files);
  const { cpu, memory, problems } = readLimits(tree.root);
  const path = (source: string): string => source.slice(tree.root.length);
  return {
    cpu: cpu === null ? null : [cpu.processors, cpu.allowed, path(cpu.source)],
    memory: memory === null ? null : [memory.bytes / MIB, memory.visible / MIB, path(memory.source)],
    problems: problems.map((problem) => problem.replaceAll(tree.root, '')),
  };
}

describe('the limits of a container', () => {
  test('the limits in cgroup v2 are those of the group of the container', () => {
    assert.deepEqual(limitsOf(V2_NAMESPACE), {
      cpu: [1.5, 8, '/sys/fs/cgroup/cpu.max'],
      memory: [512, 512, '/sys/fs/cgroup/memory.max'],
      problems: [],
    });
  });

  test('the limits in nested groups of cgroup v2 are the smallest of all ancestors', () => {
    const pod = '/sys/fs/cgroup/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice';
    assert.deepEqual(limitsOf(V2_HOST), {
      cpu: [0.5, 8, `${pod}/cpu.max`],
      memory: [256, 256, `${pod}/memory.max`],
      problems: [],
    });
  });

  test('the memory limit in cgroup v1 includes that of ancestors that cannot be seen, by memory.stat', () => {
    assert.deepEqual(limitsOf(V1_CONTAINER), {
      cpu: [2.5, 8, '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us'],
      memory: [192, 192, '/sys/fs/cgroup/memory/memory.stat'],
      problems: [],
    });
  });

  test('the limits in nested groups of cgroup v1 beside v2, with different periods, are the smallest', () => {
    assert.deepEqual(limitsOf(HYBRID), {
      cpu: [1.5, 8, '/sys/fs/cgroup/cpu,cpuacct/outer/inner/cpu.cfs_quota_us'],
      memory: [128, 128, '/sys/fs/cgroup/memory/outer/memory.limit_in_bytes'],
      problems: [],
    });
  });

  test('the memory limit is memory.high where it is lower, although runtimes see memory.max', () => {
    const { memory } = limitsOf({ ...V2_NAMESPACE, 'sys/fs/cgroup/memory.high': `${300 * MIB}\n` });
    assert.deepEqual(memory, [300, 512, '/sys/fs/cgroup/memory.high']);
    const alone = limitsOf({
      ...V2_NAMESPACE,
      'sys/fs/cgroup/memory.max': 'max\n',
      'sys/fs/cgroup/memory.high': `${300 * MIB}\n`,
    });
    assert.deepEqual(alone.memory, [300, 16393216 / 1024, '/sys/fs/cgroup/memory.high']);
  });

  test('the memory limit is not above the memory of the machine', () => {
    const { memory } = limitsOf({ ...V2_NAMESPACE, 'sys/fs/cgroup/memory.max': `${2 ** 40}\n` });
    assert.deepEqual(memory, [16393216 / 1024, 16393216 / 1024, '/proc/meminfo']);
  });

  test('a pod without a limit has none where the groups of the node above it are limited', () => {
    const all = 16393216 * 1024;
    const scope = 'sys/fs/cgroup/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice';
    for (const share of [all, all / 2]) {
      const v2 = {
        ...V2_HOST,
        [`${scope}/cri-containerd-2.scope/memory.max`]: 'max\n',
        [`${scope}/memory.max`]: 'max\n',
        'sys/fs/cgroup/kubepods.slice/kubepods-burstable.slice/memory.max': `${share}\n`,
        'sys/fs/cgroup/kubepods.slice/memory.max': `${share}\n`,
      };
      assert.deepEqual([limitsOf(v2).memory, limitsOf(v2).cpu?.[0]], [null, 0.5]);
      const v1 = {
        ...V1_CONTAINER,
        'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
        'sys/fs/cgroup/memory/memory.stat': `hierarchical_memory_limit ${share}\n`,
      };
      assert.deepEqual(limitsOf(v1).memory, null);
      // With a limit of its own, the least of both counts.
      const own = { ...v1, 'sys/fs/cgroup/memory/memory.limit_in_bytes': `${64 * MIB}\n` };
      assert.deepEqual(limitsOf(own).memory?.[0], 64);
    }
  });

  test('a limit above the container of all memory of the machine is none, and its own limit is one, be it as high', () => {
    const all = 16393216 * 1024;
    const outer = { ...HYBRID, 'sys/fs/cgroup/memory/outer/memory.limit_in_bytes': `${all}\n` };
    const stat = 'sys/fs/cgroup/memory/outer/inner/memory.stat';
    assert.deepEqual(limitsOf(outer).memory, null);
    assert.deepEqual(limitsOf({ ...outer, [stat]: `hierarchical_memory_limit ${all}\n` }).memory, null);
    assert.deepEqual(limitsOf({ ...outer, [stat]: `hierarchical_memory_limit ${64 * MIB}\n` }).memory?.[0], 64);
    // LXCFS shows the container's limit as the memory of the machine.
    const { memory } = limitsOf({ ...V2_NAMESPACE, 'sys/fs/cgroup/memory.max': `${all}\n` });
    assert.deepEqual(memory?.[0], 16393216 / 1024);
  });

  test('the CPU limit is the cpuset where it is smaller than the quota', () => {
    const pinned = { ...V2_NAMESPACE, 'proc/self/status': status('2,4') };
    assert.deepEqual(limitsOf(pinned).cpu, [1.5, 2, '/sys/fs/cgroup/cpu.max']);
    assert.deepEqual(limitsOf({ ...pinned, 'sys/fs/cgroup/cpu.max': 'max 100000\n' }).cpu, [2, 2, '/proc/self/status']);
    assert.deepEqual(limitsOf({ ...pinned, 'sys/fs/cgroup/cpu.max': '500000 100000\n' }).cpu, [
      2,
      2,
      '/proc/self/status',
    ]);
  });

  test('the CPU limit is not above the processors of the machine', () => {
    const { cpu } = limitsOf({ ...V2_NAMESPACE, 'sys/fs/cgroup/cpu.max': '6400000 100000\n' });
    assert.deepEqual(cpu, [8, 8, '/sys/fs/cgroup/cpu.max']);
  });

  test('the limits are null for max, -1, the largest number of pages, a missing controller, and no control groups', () => {
    const unlimited = { cpu: null, memory: null, problems: [] };
    const v2 = { ...V2_NAMESPACE, 'sys/fs/cgroup/cpu.max': 'max 100000\n', 'sys/fs/cgroup/memory.max': 'max\n' };
    assert.deepEqual(limitsOf(v2), unlimited);
    const v1 = {
      ...V1_CONTAINER,
      'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '-1\n',
      'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
      'sys/fs/cgroup/memory/memory.stat': 'hierarchical_memory_limit 9223372036854710272\n',
    };
    assert.deepEqual(limitsOf(v1), unlimited);
    const { 'proc/self/cgroup': cgroup, 'proc/self/mountinfo': mountinfo } = V2_NAMESPACE;
    const bare = { ...MACHINE, 'proc/self/cgroup': cgroup ?? '', 'proc/self/mountinfo': mountinfo ?? '' };
    assert.deepEqual(limitsOf({ ...bare, 'sys/fs/cgroup/cgroup.controllers': '\n' }), unlimited);
    assert.deepEqual(limitsOf(MACHINE), unlimited);
    assert.deepEqual(limitsOf({}), unlimited);
  });

  test('unexpected content of a limit file is reported and skipped, and the limits of ancestors still count', () => {
    const { cpu, memory, problems } = limitsOf({
      ...V2_NAMESPACE,
      'sys/fs/cgroup/cpu.max': 'lots of it\n',
      'sys/fs/cgroup/memory.max': '\0\x1b[31m'.repeat(1000),
    });
    assert.deepEqual([cpu, memory], [null, null]);
    assert.equal(problems.length, 2);
    assert.equal(problems[0], 'cannot read the limit in /sys/fs/cgroup/cpu.max: unexpected content "lots of it"');
    assert.ok(problems[1] !== undefined && problems[1].length < 400 && !problems[1].includes('\x1b'));
    const half = limitsOf({ ...HYBRID, 'sys/fs/cgroup/cpu,cpuacct/outer/inner/cpu.cfs_period_us': '0\n' });
    assert.deepEqual(half.cpu, [4, 8, '/sys/fs/cgroup/cpu,cpuacct/outer/cpu.cfs_quota_us']);
  });
});

test('the content of each limit file is read, and unexpected content is invalid', () => {
  const words: readonly (readonly [unknown, unknown])[] = [
    [cpuMax('max 100000\n'), 'none'],
    [cpuMax('20000 100000\n'), 0.2],
    [cpuMax('1000 1000000'), 0.001],
    ...['', '\n', '100000', '-1 100000', 'max', '0 100000', '1 0', '1e3 5', ' 1 2'].map(
      (text) => [cpuMax(text), 'invalid'] as const,
    ),
    [cfsQuota('-1\n', ''), 'none'],
    [cfsQuota('50000\n', '100000\n'), 0.5],
    ...[
      ['', ''],
      ['5', ''],
      ['5', '-1'],
      ['0', '5'],
      ['5', '0'],
      ['x', '5'],
    ].map(([quota = '', period = '']) => [cfsQuota(quota, period), 'invalid'] as const),
    [bytes('max\n'), 'none'],
    [bytes('-1\n'), 'none'],
    [bytes('0\n'), 0],
    [bytes('4096\n'), 4096],
    [bytes('18446744073709551615\n'), 'none'],
    ...['', 'x', '-2', '1.5', '1 2', '12M'].map((text) => [bytes(text), 'invalid'] as const),
    [hierarchicalLimit('cache 1\n'), 'none'],
    [hierarchicalLimit('cache 1\nhierarchical_memory_limit 4096\nx 2\n'), 4096],
    [hierarchicalLimit('hierarchical_memory_limit lots\n'), 'invalid'],
    [cpuList('0\n'), 1],
    [cpuList('0-3,6,8-9\n'), 7],
    ...['', '\n', 'all', '1-', ',1'].map((text) => [cpuList(text), null] as const),
  ];
  for (const [found, expected] of words) assert.deepEqual(found, expected);
});
