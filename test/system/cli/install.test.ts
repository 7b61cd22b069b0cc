import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, test } from 'node:test';
import { finishWords } from '../../rig/finished.ts';

describe('k8s-run install', () => {
  test('the npm package, which does not run by itself, is not copied', async () => {
    const { code, stdout, stderr } = await finishWords(['install', '/tmp/k8s-run-not-copied']);
    assert.deepEqual([code, stdout], [78, '']);
    assert.match(stderr, /^k8s-run install: cannot install: this is the npm package.*portable folder.*\n$/);
    assert.equal(existsSync('/tmp/k8s-run-not-copied'), false);
  });

  test('without a folder, or with two, it exits with 64 and one sentence', async () => {
    for (const words of [[], [''], ['/a', '/b']]) {
      const { code, stdout, stderr } = await finishWords(['install', ...words]);
      assert.deepEqual([code, stdout], [64, '']);
      assert.match(stderr, /^k8s-run install: cannot install: .*\nk8s-run install --help lists its options\n$/);
    }
  });
});
