import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apply, eventually, isReady, kube, kubernetesVersion, podNow, podReady } from '../cluster.ts';
import { NODE_IMAGE } from '../images.ts';
import { type Manifest, podSpec, service, wrapped } from '../manifests.ts';
import { skippedBefore } from '../newer.ts';
import { restarted, startPod, startReady, statusOf } from '../running.ts';

/** Before that a pod that is leaving is asked for nothing any more: kubernetes/kubernetes#98571. */
const PROBED_TO_THE_END = 21;

/** Listens once it is told by USR1; then USR2 turns what /ready answers. */
const SWITCHED = `
let ready = true;
process.on('SIGUSR2', () => { ready = !ready; });
process.once('SIGUSR1', () => require('node:http').createServer((_, response) => {
  response.statusCode = ready ? 200 : 503;
  response.end();
}).listen(8080));
setInterval(() => {}, 1e6);
console.log('waiting');`;
const switched = (options: readonly string[] = []) =>
  podSpec([wrapped(NODE_IMAGE, options, ['node', '--eval', SWITCHED])]);
/** k8s-run is process 1 and passes it on. */
const tell = (name: string, signal: string): Promise<string> =>
  kube(['exec', name, '--', 'sh', '-c', `kill -${signal} 1`]);

/** Whether the EndpointSlices of a Service say that each of its endpoints is ready: [] when there is none. */
async function endpointsReady(name: string): Promise<readonly boolean[]> {
  const text = await kube(['get', 'endpointslices', '-l', `kubernetes.io/service-name=${name}`, '-o', 'json']);
  type Slices = { items: { endpoints: { conditions: { ready?: boolean } }[] | null }[] };
  return (JSON.parse(text) as Slices).items.flatMap(({ endpoints }) =>
    (endpoints ?? []).map(({ conditions }) => conditions.ready === true),
  );
}
const endpointsAre = (name: string, wanted: readonly boolean[]): Promise<unknown> =>
  eventually(`the endpoints of ${name} are ${JSON.stringify(wanted)}`, async () => {
    const found = await endpointsReady(name);
    return JSON.stringify(found) === JSON.stringify(wanted);
  });

test('startup probe: while the app has not started the pod is neither ready nor restarted', async () => {
  const name = 'startup';
  await using _ = await startPod(name, switched());
  await eventually('the app waits', async () => (await kube(['logs', name]).catch(() => '')).includes('waiting'));
  const asked = async (): Promise<boolean> =>
    (await kube(['get', 'events', '--field-selector', `involvedObject.name=${name}`, '-o', 'json'])).includes(
      'Startup probe failed',
    );
  await eventually('a startup probe has failed', asked);
  const early = statusOf(await podNow(name), 'app');
  assert.deepEqual([early?.started, early?.ready, early?.restartCount], [false, false, 0]);
  await tell(name, 'USR1');
  const late = statusOf(await podReady(name), 'app');
  assert.deepEqual([late?.started, late?.ready, late?.restartCount], [true, true, 0]);
});

test('readiness probe: EndpointSlices follow the app both ways, and are not ready from the start of the shutdown', async () => {
  const name = 'flips';
  await apply(service(name, 8_080));
  await using _ = await startPod(
    name,
    switched(['--ready', 'http://:8080/ready', '--failure-threshold', '1', '--shutdown-delay', '10s']),
  );
  await eventually('the app waits', async () => (await kube(['logs', name]).catch(() => '')).includes('waiting'));
  await tell(name, 'USR1');
  await endpointsAre(name, [true]);
  await tell(name, 'USR2');
  await endpointsAre(name, [false]);
  assert.equal(isReady(await podNow(name)), false);
  await tell(name, 'USR2');
  await endpointsAre(name, [true]);
  await kube(['delete', 'pod', name, '--wait=false']);
  await eventually('no endpoint is ready', async () => !(await endpointsReady(name)).includes(true));
  // Of a pod that is deleted no endpoint is ready, whatever it says; that it is not is told by the pod itself.
  const { minor } = await kubernetesVersion();
  if (minor < PROBED_TO_THE_END) return;
  await eventually('the pod says that it is not ready while it serves', async () => {
    const pod = await podNow(name);
    return pod !== null && !isReady(pod) && statusOf(pod, 'app')?.state.running !== undefined;
  });
});

/** grpc.health.v1.Health over HTTP/2 without TLS; USR2 turns what it answers. */
const GRPC = `
let serving = true;
process.on('SIGUSR2', () => { serving = !serving; });
require('node:http2').createServer().on('stream', (stream) => {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' })).on('error', () => {});
  // One message of two bytes, not compressed: status = SERVING or NOT_SERVING.
  stream.end(Buffer.from([0, 0, 0, 0, 2, 8, serving ? 1 : 2]));
}).listen(8080);`;
const grpcApp = (rest: Manifest = {}): Manifest =>
  podSpec([
    wrapped(NODE_IMAGE, ['--ready', 'grpc://:8080', '--failure-threshold', '1'], ['node', '--eval', GRPC], rest),
  ]);

async function followsGrpc(name: string): Promise<void> {
  assert.equal(isReady(await podReady(name)), true);
  await tell(name, 'USR2');
  await eventually('the pod is not ready', async () => !isReady(await podNow(name)));
  await tell(name, 'USR2');
  await podReady(name);
  assert.equal(statusOf(await podNow(name), 'app')?.restartCount, 0);
}

test('an app with a gRPC health service: the pod is ready as k8s-run hears from it', async () => {
  await using _ = await startReady('grpc', grpcApp());
  await followsGrpc('grpc');
});

test('gRPC probes of the kubelet reach an app under k8s-run, beside those of k8s-run', async (context) => {
  if (await skippedBefore('gRPC probes', context)) return;
  const ask = (rest: Manifest): Manifest => ({ grpc: { port: 8_080 }, periodSeconds: 1, timeoutSeconds: 2, ...rest });
  const probes = {
    startupProbe: ask({ failureThreshold: 60 }),
    readinessProbe: ask({ failureThreshold: 1 }),
  };
  await using run = await startReady('grpc-probes', grpcApp(probes));
  await followsGrpc('grpc-probes');
  await run.line('unready');
});

test('liveness probe: an app that hangs is restarted', async () => {
  await using run = await startReady(
    'hung',
    podSpec([
      wrapped(NODE_IMAGE, [], ['node', '/app/test/rig/rollout/app.js', 'dies'], {
        env: [{ name: 'PORT', value: '8080' }],
      }),
    ]),
  );
  const pid = (await run.line('spawned'))['pid'];
  await run.exec('sh', '-c', `kill -STOP ${pid}`);
  await run.line('unlive');
  const { last, count } = await restarted('hung');
  assert.equal(count, 1);
  // It is woken and told to stop at once, because a hung app serves nobody during a delay.
  assert.deepEqual([last.exitCode, run.events().includes('killing')], [143, false]);
  assert.equal((await run.line('stopping'))['delaySkipped'], 'not alive');
  await podReady('hung');
});

test('exec probes with `k8s-run probe` work in the container', async () => {
  const exec = (what: string) => ({
    exec: { command: ['/opt/k8s-run/bin/k8s-run', 'probe', what] },
    periodSeconds: 2,
    timeoutSeconds: 5,
  });
  const container = wrapped(NODE_IMAGE, ['--health-port', '0'], ['node', '/app/test/rig/rollout/app.js', 'dies'], {
    env: [{ name: 'PORT', value: '8080' }],
    startupProbe: { ...exec('startup'), failureThreshold: 60 },
    readinessProbe: exec('ready'),
    livenessProbe: exec('live'),
  });
  await using run = await startReady('exec-probes', podSpec([container]));
  assert.equal(statusOf(await podNow('exec-probes'), 'app')?.restartCount, 0);
  await run.exec('/opt/k8s-run/bin/k8s-run', 'probe', 'ready');
});
