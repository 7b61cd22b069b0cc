import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { cut, TERMINATION_LOG_SIZE, writeTerminationLog } from '../../../src/exit/termination-log.ts';
import { makeTree } from '../../rig/tree.ts';

const LONG_AGO = 0;
const LATER = 8.64e15;

describe('the termination log', () => {
  test('the termination log is written if it exists, and created if its path was set', () => {
    using tree = makeTree({ there: '' });
    assert.equal(writeTerminationLog(join(tree.root, 'there'), false, 'why\n', LATER), null);
    assert.equal(readFileSync(join(tree.root, 'there'), 'utf8'), 'why\n');
    assert.equal(writeTerminationLog(join(tree.root, 'asked'), true, 'why\n', LATER), null);
    assert.equal(readFileSync(join(tree.root, 'asked'), 'utf8'), 'why\n');
    assert.equal(writeTerminationLog(join(tree.root, 'not asked'), false, 'why\n', LATER), null);
    assert.equal(existsSync(join(tree.root, 'not asked')), false);
  });

  test('the termination log is written although it cannot be read', () => {
    using tree = makeTree({ there: '' });
    const path = join(tree.root, 'there');
    chmodSync(path, 0o222);
    assert.equal(writeTerminationLog(path, true, 'why\n', LATER), null);
    chmodSync(path, 0o644);
    assert.equal(readFileSync(path, 'utf8'), 'why\n');
  });

  test('the termination log keeps what the app has written since the start, before the text of k8s-run', () => {
    using tree = makeTree({ file: 'the app knows better' });
    const path = join(tree.root, 'file');
    assert.equal(writeTerminationLog(path, true, `${'x'.repeat(5_000)}\n`, LONG_AGO), null);
    const text = readFileSync(path, 'utf8');
    assert.ok(text.startsWith('the app knows better\nxxx') && text.endsWith('x…'));
    assert.equal(Buffer.byteLength(text), TERMINATION_LOG_SIZE);
    // The kubelet reads the end of the file, so a text that would displace the app's is not written.
    assert.equal(writeTerminationLog(path, true, 'more', LONG_AGO), null);
    assert.equal(readFileSync(path, 'utf8'), text);
  });

  test('text that was in the termination log before the start is replaced', () => {
    using tree = makeTree({ file: 'x'.repeat(10_000) });
    const path = join(tree.root, 'file');
    utimesSync(path, 1_000, 1_000);
    assert.equal(writeTerminationLog(path, true, 'why\n', 2_000_000), null);
    assert.equal(readFileSync(path, 'utf8'), 'why\n');
  });

  test('the termination log is not written if it is no regular file, and never blocks', () => {
    using tree = makeTree({ file: '' });
    const path = (name: string): string => join(tree.root, name);
    mkdirSync(path('folder'));
    spawnSync('mkfifo', [path('fifo')]);
    assert.equal(writeTerminationLog(path('folder'), true, 'why', LATER), 'EISDIR');
    assert.equal(writeTerminationLog(path('fifo'), true, 'why', LATER), 'not a regular file');
    assert.equal(writeTerminationLog('/dev/zero', true, 'why', LATER), 'not a regular file');
    assert.equal(writeTerminationLog(path('no/folder'), true, 'why', LATER), 'ENOENT');
    assert.equal(writeTerminationLog(path('file/below'), false, 'why', LATER), 'ENOTDIR');
  });
});

test('a text that is too long is cut after a whole character', () => {
  assert.equal(cut('short', 4_096), 'short');
  assert.equal(cut('äääää', 8), 'ää…');
  assert.equal(cut('a👍👍', 8), 'a👍…');
  assert.equal(cut('a👍👍', 7), 'a…');
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', minLength: 0, maxLength: 60 }),
      fc.integer({ min: 3, max: 80 }),
      (text, bytes) => {
        const short = cut(text, bytes);
        assert.ok(Buffer.byteLength(short) <= bytes);
        assert.ok(!short.includes('\ufffd') || text.includes('\ufffd'));
        if (short !== text) assert.ok(text.startsWith(short.slice(0, -1)) && short.endsWith('…'));
      },
    ),
  );
});
