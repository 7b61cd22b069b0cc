import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { findingsIn } from '../../rig/check-run.ts';
import { finishWords } from '../../rig/finished.ts';
import { cleanEnvironment, startWords } from '../../rig/supervised.ts';
import { kubectl, skip } from './kubectl.ts';
import type { Container, Manifest, Pod } from './manifest-run.ts';
import { strategicMerge } from './strategic-merge.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A workload of a user's, with these fields of its container, its pod and its spec. */
function workload(container: Fields, pod: Fields = {}, spec: Fields = {}, kind = 'Deployment'): string {
  const template = {
    metadata: { labels: { app: 'web' } },
    spec: { ...pod, containers: [{ name: 'web', image: 'web:1', ...container }] },
  };
  const isJob = kind === 'Job' || kind === 'CronJob';
  const jobSpec = { template: { ...template, spec: { restartPolicy: 'Never', ...template.spec } } };
  const full = isJob
    ? kind === 'CronJob'
      ? { schedule: '@daily', jobTemplate: { spec: jobSpec } }
      : jobSpec
    : { selector: { matchLabels: { app: 'web' } }, template };
  return stringify({
    apiVersion: isJob ? 'batch/v1' : 'apps/v1',
    kind,
    metadata: { name: 'web' },
    spec: { ...full, ...spec },
  });
}

/** Prints a kustomization for this manifest. */
async function kustomizationOf(base: string, options: readonly string[] = [], command = ['node', 'new.js']) {
  const folder = await mkdtemp(join(tmpdir(), 'kustomize-'));
  try {
    await writeFile(join(folder, 'deployment.yaml'), base);
    const words = ['manifest', '--kustomize', 'deployment.yaml', ...options, '--', ...command];
    const run = await finishWords(words, { env: cleanEnvironment(), cwd: folder });
    if (run.code !== 0) return { ...run, built: '' };
    const { patches } = parse(run.stdout);
    const merged = strategicMerge(parse(base), parse(patches[0].patch));
    if (skip === false) {
      await writeFile(join(folder, 'kustomization.yaml'), run.stdout);
      const build = kubectl(['kustomize', folder]);
      assert.equal(build.status, 0, build.stderr);
      assert.deepEqual(inOneOrder(parse(build.stdout)), inOneOrder(merged));
    }
    return { ...run, built: stringify(merged) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The same whatever the order of items in lists of objects, for kustomize sorts some. */
function inOneOrder(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(inOneOrder);
    return items.every((item) => typeof item === 'object')
      ? items.sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1))
      : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort()
      .map(([key, each]) => [key, inOneOrder(each)]),
  );
}

/** What kustomize makes of it. */
async function patched(
  base: string,
  options: readonly string[] = [],
): Promise<{ object: Manifest; pod: Pod; web: Container }> {
  const { code, stderr, built } = await kustomizationOf(base, options);
  assert.deepEqual([code, stderr], [0, '']);
  const object = parse(built);
  const pod = object.spec.template?.spec ?? object.spec.jobTemplate.spec.template.spec;
  const web = pod.containers.find(({ name }: Container) => name === 'web');
  assertKept(parse(base), object);
  return { object, pod, web };
}

/** What the patch may change: who runs the app, what the kubelet asks for readiness, and numbers that are too low. */
const MAY_CHANGE = new Set(['command', 'args', 'readinessProbe', 'terminationGracePeriodSeconds']);

/** Everything of the user's is still there, and lists have no item less. */
function assertKept(old: unknown, now: unknown, path = ''): void {
  if (Array.isArray(old)) {
    assert.ok(Array.isArray(now), path);
    for (const item of old) {
      const isSame = (each: Fields): boolean =>
        ['name', 'containerPort', 'mountPath'].every((key) => item?.[key] === undefined || item[key] === each?.[key]);
      const same: readonly unknown[] = now.filter((each) => (typeof item === 'object' ? isSame(each) : each === item));
      assert.equal(same.length, 1, `${path}: ${JSON.stringify(item)} in ${JSON.stringify(now)}`);
      assertKept(item, same[0], `${path}[]`);
    }
  } else if (typeof old === 'object' && old !== null) {
    for (const [key, value] of Object.entries(old)) {
      if (!MAY_CHANGE.has(key)) assertKept(value, (now as Fields)?.[key], `${path}.${key}`);
    }
  } else if (/startupProbe.failureThreshold|livenessProbe.initialDelaySeconds$/.test(path))
    assert.ok(Number(now) >= Number(old), path);
  else assert.equal(now, old, path);
}

const environmentOf = ({ env }: Container): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries((env ?? []).map(({ name, value }) => [name, value]));

const HTTP = { name: 'http', containerPort: 3000 };

describe('k8s-run manifest --kustomize', () => {
  test('the patch keeps the resources, the strategy, the ports and the security context of the user', async () => {
    const base = workload(
      {
        command: ['node'],
        args: ['old.js'],
        ports: [HTTP, { name: 'metrics', containerPort: 9090 }],
        resources: { requests: { cpu: '2', memory: '2Gi' }, limits: { cpu: '4', memory: '2Gi' } },
        env: [{ name: 'MODE', value: 'blue' }],
        envFrom: [{ secretRef: { name: 'db' } }],
        securityContext: { runAsUser: 0, readOnlyRootFilesystem: false },
        volumeMounts: [{ name: 'data', mountPath: '/data' }],
      },
      {
        serviceAccountName: 'api',
        automountServiceAccountToken: true,
        volumes: [{ name: 'data', emptyDir: {} }],
        securityContext: { fsGroup: 1 },
      },
      { replicas: 5, strategy: { type: 'Recreate' } },
    );
    const { web, pod, object } = await patched(base, ['--entrypoint', '/opt/k8s-run/bin/k8s-run']);
    assert.deepEqual(web.command, ['/opt/k8s-run/bin/k8s-run', '--']);
    assert.deepEqual(web.args, ['node', 'new.js']);
    assert.deepEqual(object.spec.strategy, { type: 'Recreate' });
    assert.deepEqual(web.ports.map(({ name, containerPort }) => `${name} ${containerPort}`).sort(), [
      'health 20080',
      'http 3000',
      'metrics 9090',
    ]);
    assert.equal(web.readinessProbe.httpGet.port, 'health');
    assert.deepEqual([web.startupProbe, web.livenessProbe], [undefined, undefined]);
    assert.deepEqual(pod.volumes, [{ name: 'data', emptyDir: {} }]);
  });

  test('without --entrypoint the command of the container is removed, because the image starts k8s-run', async () => {
    const { web } = await patched(workload({ command: ['node'], args: ['old.js'], ports: [HTTP] }));
    assert.deepEqual([web.command, web.args], [undefined, ['node', 'new.js']]);
  });

  test('the readinessProbe of the user is asked by k8s-run, with its numbers, and the kubelet asks k8s-run', async () => {
    const numbers = {
      periodSeconds: 7,
      timeoutSeconds: 3,
      failureThreshold: 4,
      successThreshold: 2,
      initialDelaySeconds: 9,
    };
    const counted = {
      ...{ K8S_RUN_PROBE_PERIOD: '7s', K8S_RUN_PROBE_TIMEOUT: '3s' },
      ...{ K8S_RUN_FAILURE_THRESHOLD: '4', K8S_RUN_SUCCESS_THRESHOLD: '2' },
    };
    for (const [handler, ready] of [
      [{ httpGet: { path: '/up?full=1', port: 'http' } }, 'http://:3000/up?full=1'],
      [{ httpGet: { port: 3000, scheme: 'HTTPS' } }, 'https://:3000/'],
      [{ httpGet: { port: '3000', path: 'x', host: 'app.local' } }, 'http://app.local:3000/x'],
      [{ tcpSocket: { port: 'http' } }, 'tcp://:3000'],
      [{ grpc: { port: 3000 } }, 'grpc://:3000'],
      [{ grpc: { port: 3000, service: 'shop' } }, 'grpc://:3000/shop'],
      [{ exec: { command: ['test', '-e', "/tmp/it's up"] } }, `exec:test -e '/tmp/it'\\''s up'`],
    ] as const) {
      const { web } = await patched(workload({ ports: [HTTP], readinessProbe: { ...handler, ...numbers } }));
      assert.deepEqual(environmentOf(web), { K8S_RUN_READY: ready, ...counted });
      assert.deepEqual(web.readinessProbe, {
        httpGet: { path: '/readyz', port: 'health' },
        ...{ periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 1 },
      });
    }
    const zeros = { httpGet: { port: 3000 }, periodSeconds: 0, timeoutSeconds: 0, failureThreshold: 0 };
    const { web: defaults } = await patched(workload({ ports: [HTTP], readinessProbe: zeros }));
    assert.deepEqual(environmentOf(defaults), { K8S_RUN_READY: 'http://:3000/' });
    const chosen = workload({ ports: [HTTP], readinessProbe: { tcpSocket: { port: 3000 } } });
    const { web } = await patched(chosen, ['--ready', 'http://:3000/up']);
    assert.deepEqual(environmentOf(web), { K8S_RUN_READY: 'http://:3000/up' });
  });

  test('the livenessProbe and the startupProbe of the user stay, and have the time of what comes before the start', async () => {
    const live = { httpGet: { path: '/alive', port: 3000 }, initialDelaySeconds: 60, periodSeconds: 20 };
    const startup = { httpGet: { path: '/started', port: 3000 }, periodSeconds: 4, failureThreshold: 50 };
    const probesWith = async (probes: Fields, ...options: readonly string[]) => {
      const { web } = await patched(workload({ ports: [HTTP], ...probes }), options);
      return { startupProbe: web.startupProbe, livenessProbe: web.livenessProbe };
    };
    const none = { startupProbe: undefined, livenessProbe: undefined };
    // A probe that was not there could kill an app that is alive and waits for its database.
    assert.deepEqual(await probesWith({}), none);
    const migrate = ['--pre-start', 'migrate'];
    assert.deepEqual(await probesWith({}, ...migrate), none);
    assert.deepEqual(await probesWith({ livenessProbe: live }), { ...none, livenessProbe: live });
    assert.deepEqual(await probesWith({ livenessProbe: live }, ...migrate), {
      ...none,
      livenessProbe: { ...live, initialDelaySeconds: 70 },
    });
    assert.deepEqual(await probesWith({ startupProbe: startup }), { ...none, startupProbe: startup });
    assert.deepEqual(await probesWith({ startupProbe: startup, livenessProbe: live }, ...migrate), {
      startupProbe: { ...startup, failureThreshold: 53 },
      livenessProbe: live,
    });
    const { startupProbe } = await probesWith(
      { startupProbe: { tcpSocket: { port: 3000 } } },
      '--wait-for',
      'tcp://db:1',
    );
    assert.equal(startupProbe.failureThreshold, 9);
  });

  test('with --live and --startup the kubelet asks k8s-run, with the numbers that it has asked the app with', async () => {
    const numbers = { periodSeconds: 30, failureThreshold: 9 };
    const live = { tcpSocket: { port: 3000 }, ...numbers };
    const startup = { httpGet: { path: '/', port: 3000 }, initialDelaySeconds: 5, periodSeconds: 10 };
    const options = ['--live', 'http://:3000/alive', '--startup', 'tcp://:3000', '--pre-start', 'x'];
    for (const [probes, livenessProbe, startupProbe] of [
      [
        { livenessProbe: live, startupProbe: startup },
        { ...numbers, timeoutSeconds: 2 },
        { initialDelaySeconds: 5, periodSeconds: 10, failureThreshold: 7 },
      ],
      [{}, { periodSeconds: 10, timeoutSeconds: 2, failureThreshold: 3 }, { periodSeconds: 1, failureThreshold: 70 }],
    ] as const) {
      const { code, built } = await kustomizationOf(workload({ ports: [HTTP], ...probes }), options);
      assert.equal(code, 0);
      const [web] = parse(built).spec.template.spec.containers;
      assert.deepEqual(web.livenessProbe, { httpGet: { path: '/livez', port: 'health' }, ...livenessProbe });
      assert.deepEqual(web.startupProbe, { httpGet: { path: '/startupz', port: 'health' }, ...startupProbe });
    }
  });

  test('terminationGracePeriodSeconds is raised where it is too short, and never lowered', async () => {
    const grace = async (pod: Fields, container: Fields = {}, ...options: readonly string[]) => {
      const { web, pod: result } = await patched(workload({ ports: [HTTP], ...container }, pod), options);
      const { K8S_RUN_TERMINATION_GRACE_PERIOD: told, K8S_RUN_SHUTDOWN_DELAY: delay } = environmentOf(web);
      return [result.terminationGracePeriodSeconds, told, delay];
    };
    assert.deepEqual(await grace({}), [undefined, undefined, undefined]);
    assert.deepEqual(await grace({}, {}, '--grace', '40s'), [50, undefined, undefined]);
    assert.deepEqual(await grace({ terminationGracePeriodSeconds: 5 }), [30, undefined, undefined]);
    // The app had 120 s to stop, and keeps them.
    assert.deepEqual(await grace({ terminationGracePeriodSeconds: 120 }), [120, '120s', undefined]);
    assert.deepEqual(await grace({ terminationGracePeriodSeconds: 120 }, {}, '--grace', '40s'), [
      120,
      undefined,
      undefined,
    ]);
    for (const preStop of [
      { sleep: { seconds: 15 } },
      { exec: { command: ['sleep', '15'] } },
      { exec: { command: ['/bin/sh', '-c', 'sleep 15s'] } },
    ]) {
      const lifecycle = { preStop };
      assert.deepEqual(await grace({}, { lifecycle }), [40, undefined, '0s']);
      assert.deepEqual(await grace({ terminationGracePeriodSeconds: 90 }, { lifecycle }), [90, '75s', '0s']);
    }
  });

  test('one container of several is patched, and the others are left alone', async () => {
    const proxy = { name: 'proxy', image: 'proxy:1', args: ['x'], ports: [{ name: 'health', containerPort: 20080 }] };
    const object = parse(workload({ ports: [{ name: 'health', containerPort: 3000 }] }));
    object.spec.template.spec.containers.unshift(proxy);
    const base = stringify(object);
    const { pod, web } = await patched(base, ['--health-port', '20081', '--container', 'web']);
    assert.deepEqual(
      pod.containers.find(({ name }) => name === 'proxy'),
      proxy,
    );
    // The container has another port of the name health.
    assert.equal(web.readinessProbe.httpGet.port, 20081);
    assert.deepEqual(web.ports.map(({ name }) => name).sort(), ['health', 'k8s-run']);
  });

  test('a folder that is mounted is not mounted again, and a name of a volume is not taken twice', async () => {
    const base = workload(
      { ports: [HTTP], volumeMounts: [{ name: 'config', mountPath: '/etc/config' }] },
      { volumes: [{ name: 'config', configMap: { name: 'theirs' } }] },
    );
    const { pod, web } = await patched(base, ['--env-dir', '/etc/config', '--watch', '/srv/config']);
    assert.deepEqual(web.volumeMounts.map(({ name, mountPath }) => `${name} ${mountPath}`).sort(), [
      'config /etc/config',
      'config-2 /srv/config',
    ]);
    assert.deepEqual(pod.volumes.map(({ name, configMap }) => `${name} ${configMap?.name}`).sort(), [
      'config theirs',
      'config-2 web-config-2',
    ]);
  });

  test('options that are variables of the container already count, and a variable keeps one form', async () => {
    const secret = { secretKeyRef: { name: 'theirs', key: 'token' } };
    const env = [
      { name: 'K8S_RUN_GRACE', value: '50s' },
      { name: 'MODE', valueFrom: secret },
    ];
    const { code, built } = await kustomizationOf(workload({ ports: [HTTP], env }), [
      '--env',
      'MODE=x',
      '--env',
      'API_TOKEN=y',
    ]);
    assert.equal(code, 0);
    const { terminationGracePeriodSeconds, containers } = parse(built).spec.template.spec;
    assert.equal(terminationGracePeriodSeconds, 60);
    assert.deepEqual(
      inOneOrder(containers[0].env),
      inOneOrder([
        { name: 'K8S_RUN_GRACE', value: '50s' },
        { name: 'MODE', value: 'x' },
        { name: 'API_TOKEN', valueFrom: { secretKeyRef: { name: 'web', key: 'api-token' } } },
      ]),
    );
  });

  test('an option whose value comes from the cluster is left there', async () => {
    const env = [{ name: 'K8S_RUN_READY', valueFrom: { configMapKeyRef: { name: 'theirs', key: 'ready' } } }];
    const { web } = await patched(workload({ ports: [HTTP], env, readinessProbe: { tcpSocket: { port: 3000 } } }));
    assert.deepEqual(web.env, env);
  });

  test('every kind of workload is patched, and nothing asks a job whether it is ready', async () => {
    for (const kind of ['StatefulSet', 'DaemonSet']) {
      const { web } = await patched(workload({ ports: [HTTP] }, {}, {}, kind));
      assert.equal(web.readinessProbe.httpGet.path, '/readyz');
    }
    for (const kind of ['Job', 'CronJob']) {
      const { web } = await patched(workload({}, {}, {}, kind));
      assert.deepEqual([web.args, web.readinessProbe, web.startupProbe], [['node', 'new.js'], undefined, undefined]);
    }
  });

  test('an app without ports and without a readinessProbe stays ready as soon as it runs', async () => {
    const { web } = await patched(workload({}));
    assert.deepEqual(environmentOf(web), { K8S_RUN_READY: 'process' });
  });

  test('the file of --config becomes a ConfigMap of kustomize, which the pod mounts', { skip }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kustomize-'));
    try {
      await writeFile(join(folder, 'deployment.yaml'), workload({ ports: [HTTP] }));
      await writeFile(join(folder, 'k8s-run.yaml'), 'grace: 50s\n');
      const words = ['manifest', '--kustomize', 'deployment.yaml', '--config', 'k8s-run.yaml', '--', 'x'];
      const run = await finishWords(words, { env: cleanEnvironment(), cwd: folder });
      await writeFile(join(folder, 'kustomization.yaml'), run.stdout);
      const build = kubectl(['kustomize', folder]);
      assert.equal(build.status, 0, build.stderr);
      const [map, deployment] = parseAllDocuments(build.stdout).map((document) => document.toJS());
      assert.deepEqual(map.data, { 'k8s-run.yaml': 'grace: 50s\n' });
      const { volumes, terminationGracePeriodSeconds } = deployment.spec.template.spec;
      assert.deepEqual([volumes[0].configMap.name, terminationGracePeriodSeconds], [map.metadata.name, 60]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('k8s-run check finds nothing in what kustomize makes of it but what it found before', async () => {
    const limits = { resources: { limits: { memory: '2Gi' } } };
    const probe = { httpGet: { path: '/up', port: 'http' }, periodSeconds: 10, failureThreshold: 3 };
    for (const [container, pod] of [
      [{ ports: [HTTP] }],
      [{ ports: [HTTP], readinessProbe: probe }],
      [{ ports: [HTTP], readinessProbe: probe, livenessProbe: { tcpSocket: { port: 'http' } } }],
      [{ ports: [HTTP], lifecycle: { preStop: { sleep: { seconds: 10 } } } }],
      [{ ports: [HTTP] }, { terminationGracePeriodSeconds: 90 }],
      [{ ports: [HTTP] }, { terminationGracePeriodSeconds: 5 }],
      [{}],
    ] as const) {
      const base = workload({ ...limits, ...container }, pod, { replicas: 2 });
      const { code, built } = await kustomizationOf(base, ['--entrypoint', '/opt/k8s-run/bin/k8s-run']);
      assert.equal(code, 0);
      const before = new Set((await findingsIn(base)).map(({ rule }) => rule));
      const findings = (await findingsIn(built)).filter(({ rule }) => !before.has(rule));
      assert.deepEqual(findings, [], JSON.stringify(container));
    }
  });
});

test('--kustomize patches a workload that comes through a pipe, and names the folder that it was made of', async () => {
  await using run = startWords(['manifest', '--kustomize', '-', '--', 'x'], { stdio: ['pipe', 'pipe', 'pipe'] });
  run.child.stdin?.end(`${workload({ ports: [HTTP] })}---\nkind: Service\napiVersion: v1\nmetadata: {name: web}\n`);
  assert.equal((await run.ended()).code, 0, run.stderr());
  assert.deepEqual(parse(run.stdout()).resources, ['../base']);
});

/** Manifests that cannot be patched, and why. */
const REFUSED: readonly (readonly [base: string, mistake: RegExp, options?: readonly string[]])[] = [
  ['kind: Service\napiVersion: v1\n', /it has none of Deployment, StatefulSet, DaemonSet, Job, CronJob/],
  ['a: [', /it is not valid YAML/],
  ['', /it has none of/],
  ['apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n', /its Deployment web has no containers/],
  ['a: {{ .Values.a }}\n{{ if x }}\n', /a template in it is not rendered; write helm template/],
  ['apiVersion: example.com/v1\nkind: Deployment\n', /it has none of/],
  [
    `${workload({})}---\n${workload({}).replace('name: web', 'name: other')}`,
    /it has several workloads \(it has Deployment web, Deployment other\)/,
  ],
  [workload({}), /it has no such workload \(it has Deployment web\)/, ['--name', 'shop']],
  [workload({}), /it has no such workload/, ['--kind', 'statefulset']],
  [workload({}), /has the containers web; name that of the app by --container/, ['--container', 'app']],
  [workload({ command: ['/opt/k8s-run/bin/k8s-run', '--'] }), /runs k8s-run already; k8s-run check/],
  [
    workload({ readinessProbe: { httpGet: { port: 80, httpHeaders: [{ name: 'Host', value: 'x' }] } } }),
    /the readinessProbe of web has httpHeaders, which no option can hold; say by --ready/,
  ],
  [workload({ readinessProbe: { httpGet: { port: 'http' } } }), /names a port that the container does not have/],
  [workload({ readinessProbe: { periodSeconds: 3 } }), /has no handler, or several/],
  [workload({}), /cannot use --memory with --kustomize: the patch keeps/, ['--memory', '1Gi']],
  [workload({}), /cannot use --hpa with --kustomize/, ['--hpa', '1:2']],
  [
    workload({ ports: [{ name: 'http', containerPort: 20080 }] }),
    /cannot use --health-port 20080: it is the port http of the container/,
  ],
];

test('a manifest that cannot be patched is refused with the reason, and nothing is printed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kustomize-'));
  try {
    const path = join(folder, 'base.yaml');
    for (const [base, mistake, options = []] of REFUSED) {
      await writeFile(path, base);
      const run = await finishWords(['manifest', '--kustomize', path, ...options, '--', 'x'], {
        env: cleanEnvironment(),
      });
      assert.deepEqual([run.code, run.stdout], [78, ''], `${base}\n${run.stderr}`);
      assert.match(run.stderr, mistake);
    }
    const missing = await finishWords(['manifest', '--kustomize', join(folder, 'none'), '--', 'x'], {
      env: cleanEnvironment(),
    });
    assert.deepEqual([missing.code, missing.stdout], [78, '']);
    assert.match(missing.stderr, /it cannot be read \(ENOENT\)/);
  } finally {
    await rm(folder, { recursive: true });
  }
});
