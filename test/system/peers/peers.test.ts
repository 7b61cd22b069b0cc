import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SEEN } from '../../../scripts/comparison/tables.ts';
import { noNamespace } from '../../rig/namespace.ts';
import { EXPERIMENTS } from './experiments.ts';
import { STARTERS } from './peers.ts';

/** Each cell of docs/explanation/comparison.md that can be run. */
describe('what the comparison says of', { concurrency: 2 }, () => {
  for (const { peer, experiment, seen } of SEEN) {
    test(`${peer}: ${experiment}: ${seen}`, { skip: noNamespace || STARTERS[peer].skip }, async () => {
      assert.equal(await EXPERIMENTS[experiment](peer, seen), seen);
    });
  }
});

test('each cell is shown once', () => {
  const names = SEEN.map(({ peer, experiment }) => `${peer}: ${experiment}`);
  assert.deepEqual([...new Set(names)], names);
  assert.ok(names.length > 60, `${names.length} cells are run`);
});
