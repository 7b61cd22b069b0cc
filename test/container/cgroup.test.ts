import assert from 'node:assert/strict';
import { test } from 'node:test';
import { candidates } from '../../src/container/cgroup.ts';

test('v2 in a cgroup namespace of its own: the root of the mount', () => {
  assert.deepEqual(candidates('0::/\n'), ['/sys/fs/cgroup/memory.events', '/sys/fs/cgroup/unified/memory.events']);
});

test('v2 without one: below the mount by its path, then where a container sees its own', () => {
  const path = '/kubepods.slice/kubepods-pod1.slice/cri-containerd-2.scope';
  assert.deepEqual(candidates(`0::${path}\n`), [
    `/sys/fs/cgroup${path}/memory.events`,
    '/sys/fs/cgroup/memory.events',
    `/sys/fs/cgroup/unified${path}/memory.events`,
    '/sys/fs/cgroup/unified/memory.events',
  ]);
});

test('v1: the memory controller, alone or mounted with others', () => {
  const membership = `12:pids:/docker/1
11:cpu,cpuacct:/docker/1
5:memory:/docker/1
1:name=systemd:/docker/1
`;
  const expected = ['/sys/fs/cgroup/memory/docker/1/memory.oom_control', '/sys/fs/cgroup/memory/memory.oom_control'];
  assert.deepEqual(candidates(membership), expected);
  assert.deepEqual(candidates('5:hugetlb,memory:/docker/1'), expected);
});

test('hybrid: both, in the order in which the kernel lists them', () => {
  assert.deepEqual(candidates('5:memory:/pod\n1:name=systemd:/pod\n0::/pod\n'), [
    '/sys/fs/cgroup/memory/pod/memory.oom_control',
    '/sys/fs/cgroup/memory/memory.oom_control',
    '/sys/fs/cgroup/pod/memory.events',
    '/sys/fs/cgroup/memory.events',
    '/sys/fs/cgroup/unified/pod/memory.events',
    '/sys/fs/cgroup/unified/memory.events',
  ]);
});

test('a path may hold colons', () => {
  assert.equal(candidates('0::/a:b/c')[0], '/sys/fs/cgroup/a:b/c/memory.events');
});

test('no cgroup, no candidate', () => {
  for (const membership of ['', '\n', 'nonsense', '7:cpu:/x\n']) assert.deepEqual(candidates(membership), []);
});
