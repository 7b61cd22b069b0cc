import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apply, eventually, isReady, kube, owe, podNow, podReady, podsOf } from '../cluster.ts';
import { NODE_IMAGE, SMALL_IMAGES } from '../images.ts';
import { kubectl } from '../kubectl.ts';
import { podSpec, service, workload, wrapped } from '../manifests.ts';
import { skippedBefore } from '../newer.ts';
import { listen, startReady } from '../running.ts';

const small = (options: readonly string[] = [], rest = {}) =>
  wrapped(SMALL_IMAGES.slim, options, ['/app', '8080'], rest);
const time = (text: string | undefined): number => Date.parse(text ?? '');

test('the pods of a StatefulSet start and end one after the other', async () => {
  const name = 'ordered';
  const spec = podSpec([small(['--shutdown-delay', '2s'])]);
  await apply(service(name, 8_080), workload('StatefulSet', name, 2, spec));
  const second = await podReady(`${name}-1`);
  const first = await podNow(`${name}-0`);
  const ready = first?.status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime;
  assert.ok(time(second.metadata.creationTimestamp) >= time(ready), 'the second is made when the first is ready');
  await using log = listen(`${name}-1`, 'app');
  await kube(['scale', 'statefulset', name, '--replicas=0']);
  await log.line('terminating');
  // While the second has not left, the first is not told to.
  await eventually('the second has left', async () => {
    const first = await podNow(`${name}-0`);
    const isOver = log.events().includes('exited');
    const wasTold = first === null || first.metadata.deletionTimestamp !== undefined;
    return isOver ? 'in order' : wasTold && 'out of order';
  }).then((order) => assert.equal(order, 'in order'));
  await eventually('all are gone', async () => (await podsOf(name)).length === 0);
});

test('the pods of a node that is drained shut down in order', async () => {
  const name = 'moved';
  await using run = await startReady(name, podSpec([small(['--shutdown-delay', '2s'])]));
  const node = (await podNow(name))?.spec.nodeName ?? '';
  const paid = owe(['uncordon', node]);
  try {
    await kubectl(['drain', node, '--pod-selector', `app=${name}`, '--force', '--ignore-daemonsets', '--timeout=60s']);
  } finally {
    await kubectl(['uncordon', node]);
    paid();
  }
  assert.equal(await podNow(name), null);
  assert.equal((await run.line('exited'))['code'], 3);
  assert.ok(run.events().includes('terminating') && !run.events().includes('killing'));
});

test('a native sidecar is ready before the app starts, and ends after it', async (context) => {
  if (await skippedBefore('native sidecars', context)) return;
  const name = 'sidecar';
  const sidecar = small(['--health-port', '20081', '--shutdown-delay', '0'], {
    name: 'sidecar',
    restartPolicy: 'Always',
    startupProbe: { httpGet: { path: '/startupz', port: 20_081 }, periodSeconds: 1, failureThreshold: 60 },
    readinessProbe: undefined,
    livenessProbe: undefined,
  });
  const app = wrapped(NODE_IMAGE, ['--shutdown-delay', '2s'], ['node', '/app/test/rig/rollout/app.js', 'drains'], {
    env: [{ name: 'PORT', value: '8081' }],
  });
  await using run = await startReady(name, podSpec([app], { initContainers: [sidecar] }));
  await using beside = listen(name, 'sidecar');
  const [started, starting] = [await beside.line('started'), await run.line('starting')];
  assert.ok(time(String(starting['time'])) >= time(String(started['time'])), 'the app is started when it has started');
  await run.remove();
  const [left, after] = [await run.line('exited'), await beside.line('stopping')];
  assert.ok(time(String(after['time'])) >= time(String(left['time'])));
});

test('several pods of one image on a node become ready together', async () => {
  const name = 'crowd';
  await apply(workload('Deployment', name, 5, podSpec([small()])));
  await eventually('five are ready', async () => (await podsOf(name)).filter(isReady).length === 5);
  await kube(['delete', 'deployment', name]);
});
