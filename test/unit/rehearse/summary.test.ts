import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quantile, summarize } from '../../../src/rehearse/summary.ts';
import { deletedPod, loadResult, runResult, sample, servingPod } from '../../rig/rehearsal-results.ts';

const SAMPLES = [
  sample(0, { took: 100 }),
  sample(1_000, { failure: 'connection refused', took: 1 }),
  sample(2_900, { took: 100 }),
  sample(3_100, { took: 10 }),
];

test('a quantile is the nearest rank of the sorted values', () => {
  assert.deepEqual(
    [0, 0.5, 0.99, 1].map((share) => quantile([1, 2, 3, 4], share)),
    [1, 2, 4, 4],
  );
});

test('the summary of a run counts requests, failures and exit codes, and measures the longest stall', () => {
  const summary = summarize(runResult([deletedPod('web-1')], { load: loadResult(SAMPLES) }));
  assert.deepEqual([summary.sent, summary.failed, summary.longestStall], [4, 1, 2_900]);
  assert.deepEqual(summary.failures, [['connection refused', 1]]);
  assert.deepEqual(summary.timesToReady, [1_000]);
  assert.deepEqual(summary.exitCodes, [[0, 1]]);
});

test('the time of the app until its port was open is told apart from the time until the kubelet saw it ready', () => {
  const slow = servingPod('web-2', { started: 4_000, appStarted: 4_200, listening: 4_300, ready: 6_000 });
  const worker = servingPod('web-3', { listening: null });
  const summary = summarize(runResult([servingPod('web-1'), slow, worker]));
  assert.deepEqual(summary.timesToListen, [27, 100]);
  assert.deepEqual(summary.timesToReady, [1_000, 2_000, 1_000]);
  assert.equal(summary.slowestSpawn, 200);
});

test('a time without requests is no stall', () => {
  const load = loadResult(SAMPLES, { suspensions: [{ from: 200, to: 2_200 }] });
  assert.equal(summarize(runResult([], { load })).longestStall, 900);
});

test('a run without answers has no latency', () => {
  assert.equal(summarize(runResult([], { load: loadResult([]) })).latency, null);
});
