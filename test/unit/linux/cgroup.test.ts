import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hierarchyOf, mountsIn, pathIn } from '../../../src/linux/cgroup.ts';
import { HYBRID, V1_CONTAINER, V2_HOST, V2_MOUNT, V2_NAMESPACE } from '../../rig/cgroup-trees.ts';
import { makeTree } from '../../rig/tree.ts';

/** The folders that are found in a tree, relative to its root. */
function foldersIn(controller: 'cpu' | 'memory', files: Readonly<Record<string, string>>): readonly string[] | null {
  using tree = makeTree(files);
  const folders = hierarchyOf(controller, tree.root)?.folders ?? null;
  return folders?.map((folder) => folder.slice(tree.root.length)) ?? null;
}

test('v2 in its own cgroup namespace: the mount is our group, and nothing is above it', () => {
  assert.deepEqual(foldersIn('memory', V2_NAMESPACE), ['/sys/fs/cgroup']);
});

test('v2 without a cgroup namespace: our group, then each ancestor that is not of all pods', () => {
  const burstable = '/sys/fs/cgroup/kubepods.slice/kubepods-burstable.slice';
  const pod = `${burstable}/kubepods-burstable-pod1.slice`;
  assert.deepEqual(foldersIn('cpu', V2_HOST), [`${pod}/cri-containerd-2.scope`, pod]);
});

test('the groups of all pods are known by the names that each driver of the kubelet and kind give them', () => {
  for (const pods of [
    '/kubepods/burstable',
    '/kubepods/besteffort',
    '/kubepods',
    '/kubepods.slice',
    '/kubepods.slice/kubepods-besteffort.slice',
    '/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice',
  ]) {
    const group = `${pods}/pod1/kubepods`;
    const files = {
      ...V2_HOST,
      'proc/self/cgroup': `0::${group}\n`,
      [`sys/fs/cgroup${group}/cpu.max`]: 'max 100000\n',
    };
    assert.deepEqual(foldersIn('cpu', files), [`/sys/fs/cgroup${group}`, `/sys/fs/cgroup${pods}/pod1`]);
  }
});

test('v1 in a container: the mounted folder is the group that the path names', () => {
  assert.deepEqual(foldersIn('memory', V1_CONTAINER), ['/sys/fs/cgroup/memory']);
  assert.deepEqual(foldersIn('cpu', V1_CONTAINER), ['/sys/fs/cgroup/cpu,cpuacct']);
});

test('v1 beside v2: a controller is read in the hierarchy that has it', () => {
  assert.deepEqual(foldersIn('memory', HYBRID), [
    '/sys/fs/cgroup/memory/outer/inner',
    '/sys/fs/cgroup/memory/outer',
    '/sys/fs/cgroup/memory',
  ]);
});

test('when the path is outside the mount or the namespace, the mount is our group', () => {
  for (const path of ['/', '/kubepods/elsewhere', '/../sibling', '/a/../../b']) {
    const files = { ...V2_NAMESPACE, 'proc/self/cgroup': `0::${path}\n` };
    assert.deepEqual(foldersIn('memory', files), ['/sys/fs/cgroup'], path);
  }
  const above = { ...V2_NAMESPACE, 'proc/self/mountinfo': V2_MOUNT('/../..') };
  assert.deepEqual(foldersIn('memory', above), ['/sys/fs/cgroup']);
});

test('a mount of another part of the hierarchy does not count when one of our own part exists', () => {
  const mounts = V2_MOUNT('/other').replace('/sys/fs/cgroup', '/host/cgroup') + V2_MOUNT('/');
  assert.deepEqual(foldersIn('memory', { ...V2_NAMESPACE, 'proc/self/mountinfo': mounts }), ['/sys/fs/cgroup']);
});

test('without the controller, the mount or /proc there is no hierarchy', () => {
  const { 'proc/self/mountinfo': _, ...unmounted } = V2_NAMESPACE;
  assert.equal(foldersIn('memory', unmounted), null);
  assert.equal(foldersIn('memory', {}), null);
  assert.equal(foldersIn('memory', { ...V1_CONTAINER, 'proc/self/cgroup': '1:name=systemd:/x\n' }), null);
  assert.equal(foldersIn('memory', { ...V2_NAMESPACE, 'proc/self/mountinfo': 'garbage\n - \n\0\n' }), null);
});

test('a group path may contain colons, a mount point spaces', () => {
  assert.equal(pathIn('0::/a:b/c\n', null), '/a:b/c');
  assert.equal(pathIn('5:hugetlb,memory:/x:y\n', 'memory'), '/x:y');
  const [mount] = mountsIn('1 2 0:3 /my\\040root /my\\011mount rw - cgroup2 none rw\n');
  assert.deepEqual([mount?.root, mount?.point], ['/my root', '/my\tmount']);
});

test('lines of another form name no group', () => {
  for (const text of ['', '\n', 'nonsense', '7:cpu:/x\n', '0:memory\n', 'x:memory:/y\n']) {
    assert.equal(pathIn(text, 'memory'), null, text);
    assert.equal(pathIn(text, null), null, text);
  }
});
