import assert from 'node:assert/strict';
import { test } from 'node:test';
import { causeOf } from '../../../../src/rehearse/advice/failure-cause.ts';
import { deletedPod, sample, servingPod } from '../../../rig/rehearsal-results.ts';

test('the cause of a failed request is derived from what had happened to its pod', () => {
  const pods = [deletedPod('web-1'), servingPod('web-2', { ready: 4_000 })];
  const refused = { failure: 'connection refused', took: 1 };
  const cause = (at: number, known = {}): string =>
    causeOf(sample(at, { failure: 'connection closed', ...known }), pods);
  assert.equal(cause(3_000), 'app');
  assert.equal(cause(6_000), 'app');
  assert.equal(cause(9_990), 'cut');
  assert.equal(cause(9_990, { took: 7 }), 'cut');
  assert.equal(cause(9_990, { took: 2 }), 'app');
  assert.equal(cause(9_990, { connection: 'kept-alive' }), 'cut');
  assert.equal(cause(10_010, refused), 'refused');
  assert.equal(cause(10_100, refused), 'late');
  assert.equal(cause(4_200, { ...refused, pod: 'web-2' }), 'early');
  assert.equal(cause(6_000, { ...refused, pod: 'web-2' }), 'app');
  assert.equal(cause(6_000, { pod: null }), 'no endpoint');
});
