import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { openLimits } from '../../../src/resources/read-limits.ts';
import { followLimits, resizeFacts, resizeText, SETTLED_AFTER } from '../../../src/resources/resize.ts';
import { V1_CONTAINER, V2_NAMESPACE } from '../../rig/cgroup-trees.ts';
import { makeTree } from '../../rig/tree.ts';

const MIB = 2 ** 20;
const MEMORY = 'sys/fs/cgroup/memory.max';
const CPU = 'sys/fs/cgroup/cpu.max';

/** Follows the limits in these files: what is called, as text, and a clock that only the test moves. */
function follow(files: Readonly<Record<string, string>> = V2_NAMESPACE) {
  const tree = makeTree(files);
  const reader = openLimits(tree.root);
  const calls: string[] = [];
  let now = 0;
  const noted =
    (name: string) =>
    (resize: Parameters<typeof resizeFacts>[0]): void =>
      void calls.push(`${name} ${resizeText(resizeFacts(resize))}`);
  const followed = followLimits(reader, reader.read(), {
    now: () => now,
    resized: noted('resized'),
    settled: noted('settled'),
  });
  return {
    write: (path: string, text: string) => writeFileSync(join(tree.root, path), text),
    remove: (path: string) => rmSync(join(tree.root, path)),
    /** Looks so many milliseconds later; returns what it calls. */
    look(after: number) {
      now += after;
      followed.look();
      return calls.splice(0);
    },
    isSettling: followed.isSettling,
    appStarted: followed.appStarted,
    limits: followed.look,
    [Symbol.dispose]: () => tree[Symbol.dispose](),
  };
}

describe('limits that are followed', () => {
  test('an app that is started before they have settled has them, and later ones are settled beside those', () => {
    using group = follow();
    group.write(MEMORY, `${300 * MIB}\n`);
    assert.equal(group.look(8_000).length, 1);
    group.appStarted();
    assert.equal(group.isSettling(), false);
    assert.deepEqual(group.look(SETTLED_AFTER), []);
    group.write(MEMORY, `${400 * MIB}\n`);
    assert.deepEqual(group.look(8_000), ['resized memory from 300 MiB to 400 MiB']);
    assert.deepEqual(group.look(SETTLED_AFTER), ['settled memory from 300 MiB to 400 MiB']);
  });

  test('a change is said at the next look, and has settled once it is two seconds old', () => {
    using group = follow();
    assert.deepEqual(group.look(8_000), []);
    group.write(MEMORY, `${300 * MIB}\n`);
    group.write(CPU, '50000 100000\n');
    assert.deepEqual(group.look(8_000), ['resized memory from 512 MiB to 300 MiB, CPU from 1.5 to 0.5']);
    assert.equal(group.isSettling(), true);
    assert.deepEqual(group.look(SETTLED_AFTER - 1), []);
    assert.deepEqual(group.look(1), ['settled memory from 512 MiB to 300 MiB, CPU from 1.5 to 0.5']);
    assert.equal(group.isSettling(), false);
    assert.deepEqual(group.look(8_000), []);
  });

  test('many changes in a row are each said, and settle as one', () => {
    using group = follow();
    for (const mebibytes of [400, 300, 200]) {
      group.write(MEMORY, `${mebibytes * MIB}\n`);
      assert.equal(group.look(SETTLED_AFTER - 1).length, 1);
    }
    assert.deepEqual(group.look(SETTLED_AFTER), ['settled memory from 512 MiB to 200 MiB']);
  });

  test('a change that is taken back is said twice, and nothing has settled', () => {
    using group = follow();
    group.write(MEMORY, `${400 * MIB}\n`);
    assert.equal(group.look(1_000).length, 1);
    group.write(MEMORY, `${512 * MIB}\n`);
    assert.deepEqual(group.look(1_000), ['resized memory from 400 MiB to 512 MiB']);
    assert.deepEqual(group.look(SETTLED_AFTER), []);
    assert.equal(group.isSettling(), false);
  });

  test('a limit that is added or lifted is a change', () => {
    using group = follow({ ...V2_NAMESPACE, [MEMORY]: 'max\n', [CPU]: 'max 100000\n' });
    group.write(MEMORY, `${300 * MIB}\n`);
    group.write(CPU, '150000 100000\n');
    assert.deepEqual(group.look(1), ['resized memory from no limit to 300 MiB, CPU from no limit to 1.5']);
    group.write(MEMORY, 'max\n');
    group.write(CPU, 'max 100000\n');
    assert.deepEqual(group.look(1), ['resized memory from 300 MiB to no limit, CPU from 1.5 to no limit']);
  });

  test('in cgroup v1 a change is found in the files of each controller', () => {
    using group = follow(V1_CONTAINER);
    group.write('sys/fs/cgroup/memory/memory.limit_in_bytes', `${96 * MIB}\n`);
    group.write('sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us', '50000\n');
    assert.match(group.look(1)[0] ?? '', /^resized memory from 192 MiB to 96 MiB, CPU from 2.5 to \d/);
  });

  test('a cpuset that is moved is no resize, with a quota and without', () => {
    for (const quota of ['150000 100000\n', 'max 100000\n']) {
      using group = follow({ ...V2_NAMESPACE, [CPU]: quota });
      group.write('proc/self/status', 'Cpus_allowed_list:\t0\n');
      assert.deepEqual(group.look(1), []);
      // It counts all the same.
      assert.equal(group.limits().cpu?.processors, 1);
      group.write('proc/self/status', 'Cpus_allowed_list:\t0-7\n');
      assert.deepEqual(group.look(1), []);
    }
  });

  test('under LXCFS, where the machine seems to be as large as the container, a raise is found', () => {
    const meminfo = (mebibytes: number): string => `MemTotal: ${mebibytes * 1024} kB\n`;
    using group = follow({ ...V2_NAMESPACE, 'proc/meminfo': meminfo(512) });
    group.write(MEMORY, `${768 * MIB}\n`);
    group.write('proc/meminfo', meminfo(768));
    assert.deepEqual(group.look(1), ['resized memory from 512 MiB to 768 MiB']);
  });

  test('limits whose file cannot be read for once, or holds something else, stay as they were', () => {
    using group = follow();
    group.remove(MEMORY);
    assert.deepEqual(group.look(1), []);
    assert.equal(group.limits().memory?.bytes, 512 * MIB);
    group.write(MEMORY, 'lots of it\n');
    assert.deepEqual(group.look(1), []);
    assert.equal(group.limits().memory?.bytes, 512 * MIB);
    group.write(MEMORY, `${300 * MIB}\n`);
    assert.deepEqual(group.look(1), ['resized memory from 512 MiB to 300 MiB']);
  });

  test('where there is no control group there is nothing to follow', () => {
    using bare = makeTree({});
    assert.equal(openLimits(bare.root).hasGroup, false);
    using group = makeTree(V2_NAMESPACE);
    assert.equal(openLimits(group.root).hasGroup, true);
  });
});
