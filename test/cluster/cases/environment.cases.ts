import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describePod, eventually, kube, podNow } from '../cluster.ts';
import { NODE_IMAGE, SMALL_IMAGES } from '../images.ts';
import { type Manifest, type PodNow, podSpec, probes, wrapped } from '../manifests.ts';
import { endOf, listen, startPod, startReady, statusOf } from '../running.ts';

const SERVER = ['node', '/app/test/rig/rollout/app.js', 'drains'];
const on = (port: number): Manifest => ({ env: [{ name: 'PORT', value: String(port) }] });
/** Milliseconds, in which every probe is asked five times and more. */
const ASKED_OFTEN = 12_000;
const QUICK = ['--shutdown-delay', '1s'];

for (const [name, image] of Object.entries(SMALL_IMAGES)) {
  test(`the ${name} image under the restricted standard: probes, orphans, signals, the app’s exit code`, async () => {
    const options = ['--startup', 'exec:/app check', '--ready', 'http://:8080/', '--log-level', 'debug', ...QUICK];
    await using run = await startReady(name, podSpec([wrapped(image, options, ['/app', '8080'])]));
    assert.equal((await run.line('reaped', (line) => line['code'] === 5))['code'], 5);
    await run.remove();
    assert.equal((await run.line('exited'))['code'], 3);
    assert.match(JSON.stringify((await run.line('leftovers'))['leftovers']), /"app"/);
    assert.doesNotMatch(run.text(), /"fault"|Experimental/);
  });
}

test('with a tenth of a processor a pod starts, is never restarted, and shuts down in order', async () => {
  const resources = { resources: { limits: { cpu: '100m' }, requests: { cpu: '50m' } } };
  const container = wrapped(SMALL_IMAGES.scratch, QUICK, ['/app', '8080'], resources);
  await using run = await startReady('slow-cpu', podSpec([container]));
  // Long enough for the kubelet to have asked each of its questions many times.
  const readyFor = (pod: PodNow | null): number =>
    Date.now() - Date.parse(pod?.status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime ?? '');
  await eventually('it has been ready for a while', async () => readyFor(await podNow('slow-cpu')) > ASKED_OFTEN);
  assert.equal(statusOf(await podNow('slow-cpu'), 'app')?.restartCount, 0);
  await run.remove();
  assert.equal((await run.line('exited'))['code'], 3);
});

test('with 64 MiB of memory a pod starts, answers, and shuts down in order', async () => {
  const resources = { resources: { limits: { memory: '64Mi' }, requests: { memory: '64Mi' } } };
  const options = [...QUICK, '--ready', 'http://:8080/'];
  const container = wrapped(SMALL_IMAGES.scratch, options, ['/app', '8080'], resources);
  await using run = await startReady('little-memory', podSpec([container]));
  await run.remove();
  assert.equal((await run.line('exited'))['code'], 3);
  assert.doesNotMatch(run.text(), /"fault"/);
});

test('two wrapped containers in one pod work, each with a health port of its own', async () => {
  const second = { name: 'second', ...on(8_081), ...probes(20_081) };
  const containers = [
    wrapped(NODE_IMAGE, QUICK, SERVER, on(8_080)),
    wrapped(NODE_IMAGE, [...QUICK, '--health-port', '20081'], SERVER, second),
  ];
  await using run = await startReady('both', podSpec(containers));
  assert.deepEqual(
    (await podNow('both'))?.status?.containerStatuses?.map(({ ready, restartCount }) => [ready, restartCount]),
    [
      [true, 0],
      [true, 0],
    ],
  );
  await using other = listen('both', 'second');
  await run.remove();
  for (const each of [run, other]) assert.equal((await each.line('exited'))['code'], 0);
});

test('of two wrapped containers with one health port one exits with 69, and its status names the port', async () => {
  const container = (name: string, port: number) => wrapped(NODE_IMAGE, QUICK, SERVER, { ...on(port), name });
  await using _ = await startPod('clash', podSpec([container('app', 8_080), container('second', 8_081)]));
  const end = await eventually(
    'one of both has ended',
    async () =>
      (await podNow('clash'))?.status?.containerStatuses
        ?.map(({ state, lastState }) => [state.terminated, lastState.terminated].find((each) => each !== undefined))
        .find((each) => each !== undefined),
    describePod('clash'),
  );
  assert.equal(end.exitCode, 69);
  assert.match(end.message ?? '', /20080/);
});

test('with shareProcessNamespace k8s-run is not process 1, reaps orphans, and leaves processes of others alone', async () => {
  const stranger = {
    ...wrapped(NODE_IMAGE, [], []),
    name: 'stranger',
    command: ['sh', '-c', 'trap "echo heard" TERM HUP; echo up; while :; do sleep 0.2 & wait $!; done'],
    startupProbe: undefined,
    readinessProbe: undefined,
    livenessProbe: undefined,
  };
  const app = wrapped(SMALL_IMAGES.slim, [...QUICK, '--log-level', 'debug'], ['/app', '8080']);
  const spec = podSpec([app, stranger], { shareProcessNamespace: true, restartPolicy: 'Never' });
  await using run = await startReady('shared', spec);
  assert.notEqual((await run.line('starting'))['pid'], 1);
  await run.line('reaped', (line) => line['code'] === 5);
  const pid = String((await run.line('spawned'))['pid']);
  // From outside, as a debug container would; the app leaves processes behind, which k8s-run then looks for among all of the pod's.
  await kube(['exec', 'shared', '--container', 'stranger', '--', 'sh', '-c', `kill -TERM ${pid}`]);
  assert.equal((await run.line('exited'))['code'], 3);
  const ended = async (): Promise<unknown> => statusOf(await podNow('shared'), 'app')?.state.terminated;
  await eventually('the container is over', ended);
  assert.ok(statusOf(await podNow('shared'), 'stranger')?.state.running, 'the stranger is still there');
  const heard = await kube(['logs', 'shared', '--container', 'stranger']);
  assert.equal(heard.trim(), 'up');
});

test('an init container under k8s-run ends and the pod goes on; one that fails keeps its code', async () => {
  const none = { startupProbe: undefined, readinessProbe: undefined, livenessProbe: undefined };
  const init = (code: number) =>
    wrapped(NODE_IMAGE, ['--ready', 'process'], ['sh', '-c', `exit ${code}`], { ...none, name: 'init' });
  await using run = await startReady(
    'init',
    podSpec([wrapped(NODE_IMAGE, QUICK, SERVER, on(8_080))], { initContainers: [init(0)] }),
  );
  assert.equal(statusOf(await podNow('init'), 'init')?.state.terminated?.exitCode, 0);
  await run.remove();
  assert.equal((await run.line('exited'))['code'], 0);
  const failing = podSpec([wrapped(NODE_IMAGE, QUICK, SERVER, on(8_080))], { initContainers: [init(5)] });
  assert.equal((await endOf('init-fails', failing, 'init')).exitCode, 5);
});
