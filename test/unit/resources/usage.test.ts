import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readLimits } from '../../../src/resources/read-limits.ts';
import { openCgroupUsage, workingSet } from '../../../src/resources/usage.ts';
import { HYBRID, MACHINE, V1_CONTAINER, V2_NAMESPACE } from '../../rig/cgroup-trees.ts';
import { makeTree } from '../../rig/tree.ts';

const MIB = 2 ** 20;

/** OOM kills, peak in MiB, whether all are killed together, throttling, and the working set in MiB. */
function usageIn(files: Readonly<Record<string, string>>): readonly unknown[] {
  using tree = makeTree(files);
  const { oomKills, memoryPeak, killedAsOne, throttling } = openCgroupUsage(tree.root);
  const { cpu, memory } = readLimits(tree.root);
  const mib = (size: number | null): number | null => (size === null ? null : size / MIB);
  return [oomKills(), mib(memoryPeak()), killedAsOne(), throttling(cpu), memory && mib(workingSet(memory))];
}

test('the usage of a container is read from cgroup v2', () => {
  assert.deepEqual(usageIn(V2_NAMESPACE), [2, 300, true, { periods: 40, throttled: 10, seconds: 900e-6 }, 150]);
});

test('in v1 the inactive file pages of all groups below count', () => {
  assert.deepEqual(usageIn(V1_CONTAINER), [3, 150, false, { periods: 100, throttled: 50, seconds: 123_456e-9 }, 60]);
});

test('a file that is missing in our own group is read in the nearest ancestor that has it', () => {
  const peak = { 'sys/fs/cgroup/memory/outer/memory.max_usage_in_bytes': `${5 * MIB}\n` };
  const usage = { 'sys/fs/cgroup/memory/outer/memory.usage_in_bytes': `${3 * MIB}\n` };
  assert.deepEqual(usageIn({ ...HYBRID, ...peak, ...usage }), [0, 5, false, null, 3]);
});

test('missing files and unexpected content are null', () => {
  assert.deepEqual(usageIn(MACHINE), [null, null, false, null, null]);
  assert.deepEqual(usageIn({}), [null, null, false, null, null]);
  const garbage = Object.fromEntries(
    ['memory.events', 'memory.peak', 'memory.oom.group', 'cpu.stat', 'memory.current', 'memory.stat'].map((name) => [
      `sys/fs/cgroup/${name}`,
      'oom_kill -1\nnr_periods x\n\0',
    ]),
  );
  assert.deepEqual(usageIn({ ...V2_NAMESPACE, ...garbage }), [null, null, false, null, null]);
});
