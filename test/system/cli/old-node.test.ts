import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { BIN } from '../../rig/supervised.ts';

test('k8s-run on a Node that is too old names the version that it needs', () => {
  // This Node with another version number. The test shows that nothing of dist/ is loaded before the check.
  const older = "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.11.0' } });";
  const script = `${older} process.argv.splice(1, 0, ${JSON.stringify(BIN)}); require(${JSON.stringify(BIN)});`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', script, 'true'], { encoding: 'utf8' });
  assert.equal(status, 78);
  assert.equal(stdout, '');
  assert.match(stderr, /^k8s-run: cannot run on Node 20\.11\.0; it needs Node 24 or newer\n$/);
});
