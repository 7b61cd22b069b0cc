import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rename, rm, symlink, truncate, unlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { clock } from '../../../src/clock.ts';
import { fingerprint } from '../../../src/mounted/fingerprint.ts';
import { watchMounted } from '../../../src/mounted/watch.ts';
import { until } from '../../rig/deadline.ts';
import { finish } from '../../rig/finished.ts';
import { mountedVolume } from '../../rig/mounted-volume.ts';

/** A watcher of one path, with what it has reported so far. */
type Watched = Disposable & { readonly changes: string[]; readonly remarks: string[] };

function watched(path: string): Watched {
  const changes: string[] = [];
  const remarks: string[] = [];
  const stop = watchMounted(path, {
    before: fingerprint(path),
    after: clock.after,
    changed: (which) => changes.push(which),
    remarked: (remark) => remarks.push(remark),
  });
  return { changes, remarks, [Symbol.dispose]: stop };
}

describe('--watch reports a change', () => {
  test('--watch reports a swap of ..data to other content once, and to the same content never', async () => {
    await using volume = await mountedVolume({ A: '1', B: '2' });
    using seen = watched(volume.path);
    await volume.swap({ A: '1', B: '2' });
    await volume.swap({ A: '1', B: '3' });
    await until('the change', () => seen.changes.length >= 1);
    await volume.swap({ A: '1', B: '3' });
    await volume.swap({ A: '4' });
    await until('the second change', () => seen.changes.length >= 2);
    assert.deepEqual([seen.changes, seen.remarks], [[volume.path, volume.path], []]);
  });

  test('--watch reports content that moved from one key to another', async () => {
    await using volume = await mountedVolume({ A: 'x', B: '' });
    using seen = watched(volume.path);
    await volume.swap({ A: '', B: 'x' });
    await until('the change', () => seen.changes.length === 1);
  });

  test('--watch reports a change of one key of a volume, through its links', async () => {
    await using volume = await mountedVolume({ A: '1', B: '2' });
    using seen = watched(join(volume.path, 'A'));
    await volume.swap({ A: '1', B: 'other' });
    await volume.swap({ A: 'new', B: 'other' });
    await until('the change', () => seen.changes.length >= 1);
    assert.deepEqual(seen.changes, [join(volume.path, 'A')]);
  });

  test('--watch reports a plain file that is written to, and one that is replaced', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'watched-'));
    try {
      const path = join(folder, 'app.conf');
      await writeFile(path, 'one');
      using seen = watched(path);
      await writeFile(path, 'two');
      await until('the write', () => seen.changes.length === 1);
      await writeFile(`${path}.new`, 'three');
      await rename(`${path}.new`, path);
      await until('the replacement', () => seen.changes.length === 2);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('--watch of a path that disappears', () => {
  test('a watched key that disappears is a remark, and other content afterwards is a change', async () => {
    await using volume = await mountedVolume({ A: '1' });
    const data = join(volume.path, '..data');
    using seen = watched(join(volume.path, 'A'));
    await unlink(data);
    await until('the remark', () => seen.remarks.length === 1);
    assert.match(String(seen.remarks[0]), /disappeared or cannot be read/);
    assert.deepEqual(seen.changes, []);
    await symlink('..version-1', data);
    await until('it is back', () => seen.remarks.length === 2);
    assert.match(String(seen.remarks[1]), /is back with the same content/);
    await volume.swap({ A: '2' });
    await until('the change', () => seen.changes.length === 1);
  });

  test('a watched folder whose ..data disappears is a remark, and no change when it is back', async () => {
    await using volume = await mountedVolume({ A: '1' });
    const data = join(volume.path, '..data');
    using seen = watched(volume.path);
    await unlink(data);
    await until('the remark', () => seen.remarks.length === 1);
    await symlink('..version-1', data);
    await until('it is back', () => seen.remarks.length === 2);
    assert.match(String(seen.remarks[1]), /is back with the same content/);
    assert.deepEqual(seen.changes, []);
  });

  test('--watch waits for a path that does not exist yet', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'watched-'));
    try {
      using seen = watched(join(folder, 'later'));
      assert.match(String(seen.remarks[0]), /waiting for it/);
      await writeFile(join(folder, 'later'), 'here');
      await until('the change', () => seen.changes.length === 1);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

test('a change before the watcher is open is reported', async () => {
  await using volume = await mountedVolume({ A: '1' });
  const before = fingerprint(volume.path);
  await volume.swap({ A: '2' });
  const changes: string[] = [];
  const tools = { before, after: clock.after, changed: (path: string) => changes.push(path), remarked: () => {} };
  const stop = watchMounted(volume.path, tools);
  try {
    await until('the change', () => changes.length > 0);
  } finally {
    stop();
  }
});

test('--watch of a pipe does not block the start', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'watched-'));
  try {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    const ended = await finish([`--watch=${path}`], ['true']);
    assert.equal(ended.code, 0, ended.stderr);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a file too large to be read is compared by its time', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'watched-'));
  try {
    for (const name of ['a', 'b']) await writeFile(join(folder, name), '');
    // Holes: a terabyte on no disk, and never to be read.
    await truncate(join(folder, 'b'), 2 ** 40);
    const [one, other] = [fingerprint(folder), fingerprint(folder)];
    assert.equal(one, other);
    await utimes(join(folder, 'b'), 1, 1);
    assert.notEqual(fingerprint(folder), one);
    assert.notEqual(fingerprint(join(folder, 'b')), null);
  } finally {
    await rm(folder, { recursive: true });
  }
});
