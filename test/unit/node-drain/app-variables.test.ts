import assert from 'node:assert/strict';
import { chmodSync, mkdtempDisposableSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { preloadProblem } from '../../../src/node-drain/app-variables.ts';

test('root is warned of a preload that another user could not read', {
  skip: process.getuid?.() !== 0 && 'takes root',
}, () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'preload-'));
  const preload = join(folder.path, 'preload.js');
  writeFileSync(preload, '', { mode: 0o644 });
  chmodSync(folder.path, 0o700);
  assert.match(preloadProblem(preload) ?? '', /other users may not enter .*preload-/);
  chmodSync(folder.path, 0o755);
  assert.equal(preloadProblem(preload), null);
  chmodSync(preload, 0o600);
  assert.match(preloadProblem(preload) ?? '', /other users may not read .*preload\.js/);
});
