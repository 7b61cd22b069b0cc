import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headline } from '../../../../src/rehearse/report/headline.ts';
import { resultOf } from '../../../../src/rehearse/report/run-result.ts';
import type { VariantResult } from '../../../../src/rehearse/results.ts';
import { deletedPod, loadResult, rehearsal, runResult, sample, servingPod } from '../../../rig/rehearsal-results.ts';

const answered = loadResult([sample(2_000)]);
const kept = runResult([deletedPod('web-1'), servingPod('web-2')], { load: answered });
const killedPod = deletedPod('web-1', { killed: { at: 36_000, by: 'the kubelet' }, exitCode: 137 });
const killed = runResult([killedPod, servingPod('web-2')], { load: answered, rollouts: [{ from: 4_000, to: 36_000 }] });
const lost = runResult([deletedPod('web-1')], { load: loadResult([sample(2_000), sample(6_000, { failure: 'x' })]) });
const neverReady = runResult([servingPod('web-1', { ready: null })], {
  load: null,
  rollouts: [],
  appFailure: { kind: 'never ready', text: 'x', output: [] },
});
const unfinished = { ...kept, appFailure: neverReady.appFailure };
const worker = runResult([deletedPod('web-1'), servingPod('web-2')], { load: null });
const without = (run: VariantResult): VariantResult => ({ ...run, variant: 'alone' });

for (const [name, runs, text] of [
  ['nothing', [kept], 'The rollout lost nothing'],
  ['nothing of a worker', [worker], 'Every old replica exited in time'],
  ['requests', [lost], '1 request lost'],
  ['a replica', [killed], '1 replica killed'],
  ['nothing on both sides', [without(kept), kept], 'The rollout lost nothing, with k8s-run or without it'],
  ['requests on one side', [without(lost), kept], '1 request lost without k8s-run, 0 with it'],
  ['as many requests on both sides', [without(lost), lost], '1 request lost without k8s-run, 1 with it'],
  [
    'a replica and time on one side',
    [without(killed), kept],
    '1 replica killed in 32.0 s without k8s-run, 0 in 7.00 s with it',
  ],
  [
    'a replica on the side with k8s-run',
    [without(kept), killed],
    '0 replicas killed in 7.00 s without k8s-run, 1 in 32.0 s with it',
  ],
  [
    'requests here and a replica there',
    [without(lost), { ...killed, rollouts: lost.rollouts }],
    '1 request lost and 0 replicas killed without k8s-run, 0 and 1 with it',
  ],
  [
    'its app with k8s-run',
    [without(kept), neverReady],
    'Without k8s-run the rollout lost nothing; with it no replica became ready',
  ],
  [
    'its app without k8s-run',
    [without(neverReady), lost],
    'Without k8s-run no replica became ready; with it 1 request lost',
  ],
  ['its app at half of it', [unfinished], 'The rollout did not finish'],
  ['its app on both sides', [without(neverReady), neverReady], 'No replica became ready'],
] as const) {
  test(`the headline of a rollout that lost ${name} goes by what was worse`, () => {
    assert.equal(headline(rehearsal(runs)), text);
  });
}

test('the verdict on a run is good only if it served and lost neither requests nor replicas', () => {
  const shown = (run: VariantResult): string => Object.values(resultOf(run)).join(' ').trim();
  assert.equal(shown(kept), '0 of 1 requests failed kept');
  assert.equal(shown(lost), '1 of 2 requests failed lost');
  assert.equal(shown(killed), '1 of 1 old replicas killed, 0 of 1 requests failed lost');
  assert.equal(shown({ ...killed, load: lost.load }), '1 of 2 requests failed, 1 of 1 old replicas killed lost');
  assert.equal(shown({ ...killed, load: null }), '1 of 1 old replicas killed lost');
  assert.equal(shown(worker), '0 of 1 old replicas killed plain');
  assert.equal(shown(runResult([servingPod('web-1')], { load: null })), 'no requests plain');
  assert.equal(shown(neverReady), 'no replica became ready lost');
  assert.equal(shown(unfinished), 'the rollout did not finish, 0 of 1 requests failed lost');
});
