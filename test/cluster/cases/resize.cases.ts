import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, kube, podNow } from '../cluster.ts';
import { NODE_IMAGE } from '../images.ts';
import { NAMESPACE, podSpec, wrapped } from '../manifests.ts';
import { skippedBefore } from '../newer.ts';
import { type Running, startReady, statusOf } from '../running.ts';

const NAME = 'resized';
const [BEFORE, AFTER] = [192, 320];
const METRIC = 'k8s_run_container_memory_limit_bytes';

const ofMemory = (mebibytes: number) => ({
  limits: { memory: `${mebibytes}Mi`, cpu: '500m' },
  requests: { memory: `${mebibytes}Mi`, cpu: '50m' },
});

/** MiB, as k8s-run tells it. */
async function limitOf(run: Running): Promise<number> {
  const ask = `fetch('http://127.0.0.1:20080/metrics').then((r) => r.text()).then((text) => process.stdout.write(text))`;
  const metrics = await run.exec('node', '--eval', ask);
  return Number(new RegExp(`^${METRIC} (\\S+)$`, 'm').exec(metrics)?.[1]) / 2 ** 20;
}

/** By the subresource itself, for which kubectl has an option only since 1.32. */
async function resize(mebibytes: number): Promise<void> {
  type Whole = { spec: { containers: { resources: object }[] } };
  const pod = JSON.parse(await kube(['get', 'pod', NAME, '-o', 'json'])) as Whole;
  for (const container of pod.spec.containers) container.resources = ofMemory(mebibytes);
  const path = `/api/v1/namespaces/${NAMESPACE}/pods/${NAME}/resize`;
  await kube(['replace', '--raw', path, '-f', '-'], JSON.stringify(pod));
}

test('after an in-place resize the app runs on, the metrics have the new limit, and the pod shuts down in order', async (context) => {
  if (await skippedBefore('the in-place resize of pods', context)) return;
  const container = wrapped(
    NODE_IMAGE,
    ['--shutdown-delay', '1s'],
    ['node', '/app/test/rig/rollout/app.js', 'drains'],
    { env: [{ name: 'PORT', value: '8080' }], resources: ofMemory(BEFORE) },
  );
  await using run = await startReady(NAME, podSpec([container]));
  assert.equal(await limitOf(run), BEFORE);
  // The kubelet writes the pod's status meanwhile, and an object that has changed is refused.
  await eventually('the resize is taken', () => resize(AFTER).then(() => true));
  await eventually('the limit is the new one', async () => (await limitOf(run)) === AFTER, run.text);
  const told = await run.line('resized', (line) => line['memoryLimitBytes'] === AFTER * 2 ** 20);
  assert.equal(told['oldMemoryLimitBytes'], BEFORE * 2 ** 20);
  assert.equal(statusOf(await podNow(NAME), 'app')?.restartCount, 0);
  await run.remove();
  assert.equal((await run.line('exited'))['code'], 0);
  assert.ok(!run.events().includes('killing'), run.text());
});
