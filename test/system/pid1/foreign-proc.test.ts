import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { start } from '../../rig/supervised.ts';

/** A pid namespace whose /proc still shows the processes of the one outside. */
const PREFIX = ['unshare', '--pid', '--fork', '--kill-child'];
const skip =
  spawnSync('unshare', [...PREFIX.slice(1), 'true']).status === 0 ? false : 'needs the right to unshare --pid';

test('processes of another namespace, that a /proc shows by their numbers, are nobody’s leftovers', {
  skip,
}, async () => {
  await using run = start([], ['sh', '-c', 'exit 3'], { prefix: PREFIX });
  assert.equal((await run.ended()).code, 3);
  assert.ok(!run.events().includes('leftovers'), run.stderr());
});
