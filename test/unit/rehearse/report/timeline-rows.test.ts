import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timelineRows } from '../../../../src/rehearse/report/timeline-rows.ts';
import { deletedPod, runResult, servingPod } from '../../../rig/rehearsal-results.ts';

test('the row of a deleted pod has a span for each of its states', () => {
  const [row] = timelineRows(runResult([deletedPod('web-1')]));
  assert.deepEqual(
    row?.spans.map(({ state, from, to }) => [state, from, to]),
    [
      ['starting', 0, 1_000],
      ['serving', 1_000, 5_000],
      ['delaying', 5_000, 10_000],
      ['stopping', 10_000, 10_060],
    ],
  );
  assert.deepEqual(row?.stillRouted, { from: 5_000, to: 7_500 });
});

test('the row of a pod that still serves ends with the run', () => {
  const [row] = timelineRows(runResult([servingPod('web-2')]));
  assert.deepEqual(row?.spans.at(-1), { state: 'serving', from: 1_000, to: 13_000 });
});

test('the row of a pod that exited before it was ready has only its start', () => {
  const [row] = timelineRows(runResult([servingPod('web-3', { ready: null, exited: 700 })]));
  assert.deepEqual(row?.spans, [{ state: 'starting', from: 0, to: 700 }]);
});
