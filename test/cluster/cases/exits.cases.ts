import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apply, eventually, kube, kubernetesVersion, podNow } from '../cluster.ts';
import { NODE_IMAGE } from '../images.ts';
import { follow } from '../kubectl.ts';
import { NAMESPACE, NAMESPACE_WORDS, podSpec, wrapped } from '../manifests.ts';
import { endOf, restarted, startPod, startReady } from '../running.ts';

const app = (onTerm: string, options: readonly string[] = [], rest = {}) =>
  podSpec([
    wrapped(NODE_IMAGE, options, ['node', '/app/test/rig/rollout/app.js', onTerm], {
      env: [{ name: 'PORT', value: '8080' }],
      ...rest,
    }),
  ]);
/** Of a worker, which listens on nothing. */
const WITHOUT_PROBES = { startupProbe: undefined, readinessProbe: undefined, livenessProbe: undefined };
const IN_ORDER = ['terminating', 'stopping', 'exited'];
const shutdownOf = (events: readonly string[]): readonly string[] =>
  events.filter((event) => [...IN_ORDER, 'killing', 'leftovers'].includes(event));

test('in a crash loop the status of the pod has the app’s exit code and the reason', async () => {
  await using _ = await startPod('crash', podSpec([wrapped(NODE_IMAGE, [], ['sh', '-c', 'exit 7'], WITHOUT_PROBES)]));
  const { last } = await restarted('crash');
  assert.equal(last.exitCode, 7);
  assert.match(last.message ?? '', /^sh exited with 7/);
});

test('for a missing command the status of the pod has 127 and the reason', async () => {
  const end = await endOf('absent', podSpec([wrapped(NODE_IMAGE, [], ['no-such-program'], WITHOUT_PROBES)]));
  assert.equal(end.exitCode, 127);
  assert.match(end.message ?? '', /no-such-program/);
});

test('after an out-of-memory kill the status of the pod has 137, and says that it was memory', async () => {
  const eater = 'const held = []; setInterval(() => held.push(Buffer.alloc(2 ** 22, 1)), 5);';
  const limits = { ...WITHOUT_PROBES, resources: { limits: { memory: '160Mi' }, requests: { memory: '32Mi' } } };
  const end = await endOf('memory', podSpec([wrapped(NODE_IMAGE, [], ['node', '--eval', eater], limits)]));
  assert.equal(end.exitCode, 137);
  // With cgroup v2 and Kubernetes 1.28 the kernel kills the whole container, k8s-run too, and the kubelet tells the reason.
  assert.ok(end.reason === 'OOMKilled' || /out of memory/.test(end.message ?? ''), `${end.reason}: ${end.message}`);
});

test('an evicted pod shuts down in order', async () => {
  await using run = await startReady('evicted', app('drains'));
  const { minor } = await kubernetesVersion();
  const eviction = {
    apiVersion: `policy/${minor >= 22 ? 'v1' : 'v1beta1'}`,
    kind: 'Eviction',
    metadata: { name: 'evicted', namespace: NAMESPACE },
  };
  const path = `/api/v1/namespaces/${NAMESPACE}/pods/evicted/eviction`;
  await kube(['create', '--raw', path, '-f', '-'], JSON.stringify(eviction));
  assert.equal((await run.line('exited'))['code'], 0);
  assert.deepEqual(shutdownOf(run.events()), IN_ORDER);
  await eventually('the pod is gone', async () => (await podNow('evicted')) === null);
});

test('with kubectl delete --grace-period=1 nothing hangs, and the log shows how far the shutdown came', async () => {
  await using run = await startReady('hasty', app('drains'));
  await run.remove('--grace-period=1');
  await eventually('the pod is gone', async () => (await podNow('hasty')) === null);
  assert.deepEqual(shutdownOf(run.events()), ['terminating']);
});

test('an app that ignores SIGTERM is killed by k8s-run, not by the kubelet, and the log says so', async () => {
  await using run = await startReady('stubborn', app('ignores', ['--shutdown-delay', '1s', '--grace', '2s']));
  await run.remove();
  assert.deepEqual(shutdownOf(run.events()), ['terminating', 'stopping', 'killing', 'exited']);
  assert.equal((await run.line('exited'))['code'], 137);
});

test('shells of kubectl exec are neither signalled nor waited for', async () => {
  await using run = await startReady('visited', app('drains'));
  const shell = 'trap "echo heard" TERM HUP; echo here; while :; do sleep 1 & wait $!; done';
  await using visitor = follow([...NAMESPACE_WORDS, 'exec', 'visited', '--', 'sh', '-c', shell]);
  await eventually('the shell is there', () => visitor.text().includes('here'));
  await run.remove();
  const exited = await run.line('exited');
  assert.equal(exited['code'], 0);
  assert.deepEqual(shutdownOf(run.events()), IN_ORDER, 'no leftovers, nothing killed');
  assert.doesNotMatch(visitor.text(), /heard/);
});

test('a Job whose app exits with 0 is complete, and one whose app exits with 3 has failed', async () => {
  const job = (name: string, code: number) => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: NAMESPACE },
    spec: {
      backoffLimit: 0,
      template: {
        spec: podSpec([wrapped(NODE_IMAGE, ['--ready', 'process'], ['sh', '-c', `exit ${code}`], WITHOUT_PROBES)], {
          restartPolicy: 'Never',
        }),
      },
    },
  });
  await apply(job('job-fine', 0), job('job-failed', 3));
  const status = async (name: string) => JSON.parse(await kube(['get', 'job', name, '-o', 'json'])).status;
  await eventually('the Job is complete', async () => (await status('job-fine')).succeeded === 1);
  await eventually('the other has failed', async () => (await status('job-failed')).failed === 1);
});
