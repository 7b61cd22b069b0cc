import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Kind } from '../../rig/rollout/load/kinds.ts';
import type { LoadCounts } from '../../rig/rollout/load/load.ts';
import { BIN, cleanEnvironment } from '../../rig/supervised.ts';
import { allOver, apply, eventually, isOver, isReady, kube, podsOf } from '../cluster.ts';
import { NODE_IMAGE, SMALL_IMAGES } from '../images.ts';
import { kubectl } from '../kubectl.ts';
import { bare, type Manifest, podSpec, service, workload, wrapped } from '../manifests.ts';
import { allReady, loadOnceServing } from '../rollout/cell.ts';
import { APP_PORT } from '../rollout/contenders.ts';
import { startLoad } from '../rollout/load.ts';
import { listen } from '../running.ts';

const REPLICAS = 2;
/** Milliseconds of load before and after the rollout. */
const SETTLE = 3_000;
/** Requests a second: other cases run at the same time. */
const FEW: Readonly<Record<Kind, number>> = {
  ...{ new: 30, 'kept-alive': 10, slow: 3, upload: 3, events: 1, websocket: 1, long: 1 },
};

const env = [
  { name: 'PORT', value: String(APP_PORT) },
  { name: 'PROTOCOL', value: 'http' },
];
const ports = [{ name: 'http', containerPort: APP_PORT }];
const get = (rest: Manifest): Manifest => ({ httpGet: { path: '/ready', port: 'http' }, timeoutSeconds: 2, ...rest });

/** A web app with the usual probes and the usual sleep. */
const WEB = bare(NODE_IMAGE, ['node', '/app/test/rig/rollout/app.js'], {
  ...{ args: ['dies'], env, ports },
  startupProbe: get({ periodSeconds: 1, failureThreshold: 60 }),
  readinessProbe: get({ periodSeconds: 2 }),
  livenessProbe: { tcpSocket: { port: 'http' }, initialDelaySeconds: 5 },
  lifecycle: { preStop: { exec: { command: ['sleep', '5'] } } },
});
/** A prefork server: its first process only starts the others, which have the port in common. */
const PREFORK_SCRIPT = `const cluster = require('node:cluster');
cluster.setupPrimary({ exec: '/app/test/rig/rollout/app.js', args: ['drains'], execArgv: [] });
let left = 2;
for (let each = 0; each < 2; each += 1) cluster.fork();
cluster.on('exit', () => { left -= 1; if (left === 0) process.exit(0); });
process.on('SIGTERM', () => {});`;
const PREFORK = bare(NODE_IMAGE, ['node', '--eval', PREFORK_SCRIPT], {
  ...{ env, ports },
  readinessProbe: {
    httpGet: { path: '/ready', port: 'http', httpHeaders: [{ name: 'Host', value: 'shop.example' }] },
    periodSeconds: 2,
  },
});
/** A worker: no port, and a file that says that it is alive. */
const WORKER = bare(
  NODE_IMAGE,
  [
    'node',
    '--eval',
    "setInterval(() => {}, 1000); process.on('SIGTERM', () => setTimeout(() => process.exit(0), 300))",
  ],
  { livenessProbe: { exec: { command: ['cat', '/etc/passwd'] }, periodSeconds: 5 } },
);

function inject(words: readonly string[], text: string): string {
  const all = [BIN, 'inject', ...words, '-'];
  return execFileSync(process.execPath, all, { input: text, env: cleanEnvironment(), encoding: 'utf8', stdio: 'pipe' });
}

const live = (name: string): Promise<string> => kube(['get', 'deployment', name, '-o', 'json']);

/** The template, without what `rollout restart` has written into it. */
function templateOf(text: string): unknown {
  const { metadata, spec } = JSON.parse(text).spec.template;
  const { annotations = {}, ...others } = metadata;
  delete annotations['kubectl.kubernetes.io/restartedAt'];
  return { spec, metadata: { ...others, annotations } };
}

/** What a user does with a Deployment that runs: reads it, changes it in a pipe, and writes it back. */
async function changeLive(name: string, words: readonly string[]): Promise<void> {
  const old = (await podsOf(name)).map(({ metadata }) => metadata.name);
  // The status may change in between, and the API server then refuses the older object.
  await eventually(`${name} is replaced`, async () => {
    await kube(['replace', '-f', '-'], inject(words, await live(name)));
    return true;
  });
  await kube(['rollout', 'status', `deployment/${name}`, '--timeout=110s']);
  await allOver(`app=${name}`, old);
  await allReady(name, REPLICAS);
  // The API server may forget them later, and nothing can be executed in them then.
  await eventually(`${old.join(', ')} are forgotten`, async () =>
    (await podsOf(name)).every(({ metadata }) => !old.includes(metadata.name)),
  );
}

const INJECT = ['--image', SMALL_IMAGES.scratch];

function deployment(name: string, container: Manifest): { readonly objects: readonly Manifest[] } & AsyncDisposable {
  return {
    objects: [service(name, APP_PORT), workload('Deployment', name, REPLICAS, podSpec([container]))],
    async [Symbol.asyncDispose]() {
      await kube(['delete', `deployment/${name}`, `service/${name}`, '--wait=false', '--ignore-not-found']);
    },
  };
}

/** The failures of a rolling restart, of the kinds that k8s-run keeps. */
async function lossesOf(name: string): Promise<unknown> {
  await using load = await loadOnceServing(name, 'http').then(async (started) => {
    // The wait for the Service is that of the rollouts; the load is lighter.
    await started.stop();
    await started[Symbol.asyncDispose]();
    return startLoad(name, 'http', FEW);
  });
  await sleep(SETTLE);
  const old = (await podsOf(name)).filter((pod) => !isOver(pod)).map(({ metadata }) => metadata.name);
  await kube(['rollout', 'restart', `deployment/${name}`]);
  await kube(['rollout', 'status', `deployment/${name}`, '--timeout=110s']);
  await allOver(`app=${name}`, old);
  await sleep(SETTLE);
  const counts: LoadCounts = await load.stop();
  for (const kind of ['new', 'slow', 'upload'] as const) assert.ok(counts[kind].made > 0, kind);
  return Object.fromEntries((['new', 'slow', 'upload'] as const).map((kind) => [kind, counts[kind].failed]));
}

const NO_LOSSES = { new: {}, slow: {}, upload: {} };

for (const [name, container] of Object.entries({ web: WEB, prefork: PREFORK }))
  test(`a running ${name} app loses nothing in a rolling restart once it is injected, and is taken out without a trace`, async () => {
    const app = `injected-${name}`;
    await using objects = deployment(app, container);
    await apply(...objects.objects);
    await allReady(app, REPLICAS);
    const before = templateOf(await live(app));
    await changeLive(app, INJECT);
    const pod = (await podsOf(app)).find((each) => isReady(each) && each.metadata.deletionTimestamp === undefined);
    const log = await kube(['logs', pod?.metadata.name ?? '', '-c', 'app']);
    assert.match(log, /"event":"ready"/);
    assert.deepEqual(await lossesOf(app), NO_LOSSES);
    await changeLive(app, ['--remove']);
    assert.deepEqual(templateOf(await live(app)), before);
  });

test('the image with k8s-run in it loses as little under the same load', async () => {
  const app = 'baked';
  await using objects = deployment(
    app,
    wrapped(NODE_IMAGE, [], ['node', '/app/test/rig/rollout/app.js', 'dies'], { env, ports }),
  );
  await apply(...objects.objects);
  await allReady(app, REPLICAS);
  assert.deepEqual(await lossesOf(app), NO_LOSSES);
});

test('a worker is injected with a volume in memory, and its pods end with its own exit code', async () => {
  const app = 'injected-worker';
  await using objects = deployment(app, WORKER);
  const [, manifest] = objects.objects;
  await apply(JSON.parse(inject([...INJECT, '--medium', 'memory'], JSON.stringify(manifest))));
  await allReady(app, REPLICAS);
  const pod = (await podsOf(app)).find(isReady)?.metadata.name ?? '';
  await using log = listen(pod, 'app');
  assert.equal((await log.exec('/opt/k8s-run/bin/k8s-run', 'probe', 'live')).trim(), 'ok');
  await kube(['delete', 'deployment', app, '--wait=false']);
  assert.equal((await log.line('exited'))['code'], 0);
  await allOver(`app=${app}`, [pod]);
});

test('an init container that is started again finds the folder there, and verifies it', async () => {
  const app = 'injected-twice';
  await using objects = deployment(app, WORKER);
  const [, manifest] = objects.objects;
  const injected = JSON.parse(inject(INJECT, JSON.stringify(manifest)));
  const { spec } = injected.spec.template;
  const [install] = spec.initContainers;
  spec.initContainers = [install, { ...install, name: 'again' }];
  await apply(injected);
  await allReady(app, REPLICAS);
  const [pod] = await podsOf(app);
  const said = await kube(['logs', pod?.metadata.name ?? '', '-c', 'again']);
  assert.match(said, /is in \/k8s-run already: .* verified/);
});

test('kubectl and the API server take what is injected, of each kind that the cluster knows', async () => {
  const text = readFileSync(new URL('../../rig/applications.yaml', import.meta.url), 'utf8');
  const apply = (dryRun: string, manifest: string): Promise<string> =>
    kubectl(['apply', `--dry-run=${dryRun}`, '-f', '-'], manifest);
  const known: string[] = [];
  for (const manifest of text.split(/^---\n/m)) {
    if ((await apply('server', manifest).catch(() => null)) === null) continue;
    known.push(manifest);
    const injected = inject(INJECT, manifest);
    for (const dryRun of ['client', 'server']) assert.match(await apply(dryRun, injected), /dry run/);
    assert.equal(inject(['--remove'], injected), manifest);
  }
  assert.ok(known.length > 5, `${known.length} are known`);
});
