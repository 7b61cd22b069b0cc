import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { BIN, cleanEnvironment } from '../rig/supervised.ts';

test('a Node that is too old gets a sentence, and nothing is started', () => {
  const folder = mkdtempSync(join(tmpdir(), 'old-node-'));
  try {
    // No old Node is needed: what is asked is what it says of itself.
    const older = join(folder, 'older.cjs');
    writeFileSync(older, "Object.defineProperty(process.versions, 'node', { value: '20.20.2' });");
    const words = ['--require', older, BIN, '--', 'sh', '-c', 'echo started'];
    const run = spawnSync(process.execPath, words, { env: cleanEnvironment(), encoding: 'utf8' });
    assert.deepEqual([run.status, run.stdout], [78, '']);
    assert.match(run.stderr, /^k8s-run needs Node 24 or newer; this is v\S+ \(\/.*\)\n$/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
