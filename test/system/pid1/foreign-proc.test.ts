import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noNamespace } from '../../rig/namespace.ts';
import { start } from '../../rig/supervised.ts';

/** A pid namespace whose /proc still shows the processes of the one outside. */
const PREFIX = ['unshare', '--pid', '--fork', '--kill-child'];

test('processes of another namespace, which /proc shows by their pids there, are no leftovers', {
  skip: noNamespace,
}, async () => {
  await using run = start([], ['sh', '-c', 'exit 3'], { prefix: PREFIX });
  assert.equal((await run.ended()).code, 3);
  assert.ok(!run.events().includes('leftovers'), run.stderr());
});
