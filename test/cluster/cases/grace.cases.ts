import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, podNow } from '../cluster.ts';
import { NODE_IMAGE } from '../images.ts';
import { type Manifest, podSpec, wrapped } from '../manifests.ts';
import { skippedBefore } from '../newer.ts';
import { type Running, startReady, statusOf } from '../running.ts';

const app = (onTerm: string, options: readonly string[], rest: Manifest = {}): Manifest =>
  podSpec([
    wrapped(NODE_IMAGE, options, ['node', '/app/test/rig/rollout/app.js', onTerm], {
      env: [{ name: 'PORT', value: '8080' }],
      ...rest,
    }),
  ]);
const SLEEP_SECONDS = 4;
/** Longer than the grace period of the deletions. */
const TOO_LONG_A_SLEEP: Manifest = { lifecycle: { preStop: { exec: { command: ['sleep', '60'] } } } };

/** How the container ended, once the API server has been told; null: the pod was forgotten first. */
async function exitCodeOf({ name }: Running): Promise<number | null> {
  const { code } = await eventually(`the end of ${name}`, async () => {
    const pod = await podNow(name);
    if (pod === null) return { code: null };
    const terminated = statusOf(pod, 'app')?.state.terminated;
    return terminated !== undefined && { code: terminated.exitCode };
  });
  return code;
}

test('with kubectl delete --grace-period=5 and the default delay the kubelet kills k8s-run before the app could end', async () => {
  // By then the app may just have got its signal; this one does not obey it.
  await using run = await startReady('overridden', app('ignores', []));
  await run.remove('--grace-period=5');
  assert.ok([137, null].includes(await exitCodeOf(run)));
  assert.equal((await run.line('terminating'))['delayMs'], 5_000);
  for (const event of ['killing', 'exited']) assert.ok(!run.events().includes(event), run.text());
});

test('with kubectl delete --grace-period=5 and phases that were set for it the pod shuts down in order', async () => {
  await using run = await startReady('foreseen', app('drains', ['--termination-grace-period', '5']));
  await run.remove('--grace-period=5');
  assert.equal((await run.line('exited'))['code'], 0);
  assert.ok(run.events().includes('stopping') && !run.events().includes('killing'), run.text());
});

test('with kubectl delete --grace-period=5 a preStop hook that takes longer leaves 2 s, in which the app ends in order', async () => {
  await using run = await startReady('asleep', app('drains', ['--shutdown-delay', '0'], TOO_LONG_A_SLEEP));
  await run.remove('--grace-period=5');
  assert.equal((await run.line('exited'))['code'], 0);
  assert.ok(run.events().includes('stopping') && !run.events().includes('killing'), run.text());
});

test('the preStop action sleep is the delay: k8s-run gets its signal when it is over, and signals the app at once', async (context) => {
  if (await skippedBefore('the preStop action sleep', context)) return;
  const lifecycle = { lifecycle: { preStop: { sleep: { seconds: SLEEP_SECONDS } } } };
  await using run = await startReady('sleeps', app('drains', ['--shutdown-delay', '0'], lifecycle));
  const before = Date.now();
  await run.remove();
  assert.equal((await run.line('exited'))['code'], 0);
  const signalled = Date.parse(String((await run.line('stopping'))['time']));
  // The clocks of two machines agree to a second.
  assert.ok(signalled - before >= (SLEEP_SECONDS - 1) * 1_000, run.text());
  assert.ok(!run.events().includes('killing'), run.text());
});

test('with kubectl delete --grace-period=5 a preStop sleep that takes longer leaves 2 s, in which the app ends in order', async (context) => {
  if (await skippedBefore('the preStop action sleep', context)) return;
  // The API server allows none that is longer than the pod's own time.
  const lifecycle = { lifecycle: { preStop: { sleep: { seconds: 30 } } } };
  await using run = await startReady('sleeps-on', app('drains', ['--shutdown-delay', '0'], lifecycle));
  await run.remove('--grace-period=5');
  assert.equal((await run.line('exited'))['code'], 0);
  assert.ok(run.events().includes('stopping') && !run.events().includes('killing'), run.text());
});
