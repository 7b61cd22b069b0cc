import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ResourceSnapshot, readResourceSnapshot } from '../../../src/resources/snapshot.ts';
import { MACHINE, V1_CONTAINER, V2_HOST, V2_NAMESPACE } from '../../rig/cgroup-trees.ts';
import { UNREADABLE_CONTAINER } from '../../rig/readings.ts';
import { makeTree } from '../../rig/tree.ts';

const MIB = 2 ** 20;

function snapshotOf(files: Readonly<Record<string, string>>): ResourceSnapshot {
  using tree = makeTree(files);
  return readResourceSnapshot(tree.root);
}

test('limits and usage are read from cgroup v2', () => {
  const pids = { 'sys/fs/cgroup/pids.current': '7\n', 'sys/fs/cgroup/pids.max': '100\n' };
  assert.deepEqual(snapshotOf({ ...V2_NAMESPACE, ...pids }), {
    memoryLimitBytes: 512 * MIB,
    memoryUsageBytes: 200 * MIB,
    memoryWorkingSetBytes: 150 * MIB,
    memoryPeakBytes: 300 * MIB,
    oomKills: 2,
    cpuLimitCores: 1.5,
    cpuUsageSeconds: 5_000e-6,
    cpuPeriods: 40,
    cpuThrottledPeriods: 10,
    cpuThrottledSeconds: 900e-6,
    pids: 7,
    pidsLimit: 100,
  });
});

test('limits and usage are read from cgroup v1', () => {
  const group = '/kubepods/burstable/pod1/2';
  const tree = {
    ...V1_CONTAINER,
    'proc/self/cgroup': `${V1_CONTAINER['proc/self/cgroup']}9:pids:${group}\n`,
    'proc/self/mountinfo': `${V1_CONTAINER['proc/self/mountinfo']}1516 1509 0:36 ${group} /sys/fs/cgroup/pids ro - cgroup cgroup rw,pids\n`,
    'sys/fs/cgroup/cpu,cpuacct/cpuacct.usage': '2500000000\n',
    'sys/fs/cgroup/pids/pids.current': '7\n',
    'sys/fs/cgroup/pids/pids.max': 'max\n',
  };
  assert.deepEqual(snapshotOf(tree), {
    memoryLimitBytes: 192 * MIB,
    memoryUsageBytes: 100 * MIB,
    memoryWorkingSetBytes: 60 * MIB,
    memoryPeakBytes: 150 * MIB,
    oomKills: 3,
    cpuLimitCores: 2.5,
    cpuUsageSeconds: 2.5,
    cpuPeriods: 100,
    cpuThrottledPeriods: 50,
    cpuThrottledSeconds: 123_456e-9,
    pids: 7,
    pidsLimit: null,
  });
});

test('beside the limit of an ancestor stands the usage of that ancestor', () => {
  const pod = 'sys/fs/cgroup/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice';
  const scope = `${pod}/cri-containerd-2.scope`;
  const snapshot = snapshotOf({
    ...V2_HOST,
    [`${scope}/memory.current`]: `${50 * MIB}\n`,
    [`${scope}/cpu.stat`]: 'usage_usec 1000000\nnr_periods 0\nnr_throttled 0\nthrottled_usec 0\n',
    [`${scope}/pids.max`]: 'max\n',
    [`${scope}/pids.current`]: '3\n',
    [`${pod}/memory.current`]: `${200 * MIB}\n`,
    [`${pod}/memory.stat`]: `inactive_file ${MIB}\n`,
    [`${pod}/cpu.stat`]: 'usage_usec 9000000\nnr_periods 8\nnr_throttled 4\nthrottled_usec 2000000\n',
    [`${pod}/pids.max`]: '50\n',
    [`${pod}/pids.current`]: '20\n',
  });
  assert.deepEqual(snapshot, {
    ...UNREADABLE_CONTAINER,
    memoryLimitBytes: 256 * MIB,
    memoryUsageBytes: 200 * MIB,
    memoryWorkingSetBytes: 199 * MIB,
    cpuLimitCores: 0.5,
    cpuUsageSeconds: 1,
    cpuPeriods: 8,
    cpuThrottledPeriods: 4,
    cpuThrottledSeconds: 2,
    pids: 20,
    pidsLimit: 50,
  });
});

test('without limits they are null, not a huge number, and the usage is still read', () => {
  const cgroup = 'sys/fs/cgroup';
  const unlimited = {
    ...V2_NAMESPACE,
    [`${cgroup}/memory.max`]: 'max\n',
    [`${cgroup}/cpu.max`]: 'max 100000\n',
    [`${cgroup}/pids.max`]: 'max\n',
    [`${cgroup}/pids.current`]: '7\n',
  };
  const { memoryLimitBytes, cpuLimitCores, pidsLimit, memoryUsageBytes, pids } = snapshotOf(unlimited);
  assert.deepEqual(
    [memoryLimitBytes, cpuLimitCores, pidsLimit, memoryUsageBytes, pids],
    [null, null, null, 200 * MIB, 7],
  );
});

test('a missing controller, an empty file and unexpected content are null', () => {
  assert.deepEqual(snapshotOf({}), UNREADABLE_CONTAINER);
  assert.deepEqual(snapshotOf(MACHINE), UNREADABLE_CONTAINER);
  const names = ['memory.max', 'memory.current', 'memory.peak', 'memory.stat', 'memory.events'].concat([
    'cpu.max',
    'cpu.stat',
    'pids.max',
    'pids.current',
  ]);
  const endless = `${'9'.repeat(400)} ${'9'.repeat(400)}`;
  for (const text of [
    '',
    '\n',
    'garbage',
    '-5',
    '1e400',
    '\0\xff',
    '0 100000',
    'nr_periods -1\nusage_usec x\n',
    endless,
  ]) {
    const files = Object.fromEntries(names.map((name) => [`sys/fs/cgroup/${name}`, text]));
    assert.deepEqual(snapshotOf({ ...V2_NAMESPACE, ...files }), UNREADABLE_CONTAINER, JSON.stringify(text));
  }
});
