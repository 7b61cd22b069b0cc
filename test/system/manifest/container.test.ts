import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { expandVariables } from '../../../src/config/pod-manifest/expand.ts';
import { containerOf, type Manifest, manifestsOf, objectOf, podOf, runManifest } from './manifest-run.ts';

describe('the container that k8s-run manifest prints', () => {
  test('the startupProbe has the time of --wait-for and --pre-start before that of the app', async () => {
    const budget = async (...options: readonly string[]): Promise<number> => {
      const { periodSeconds, failureThreshold } = (await containerOf(options)).startupProbe;
      return periodSeconds * failureThreshold;
    };
    assert.equal(await budget(), 60);
    assert.equal(await budget('--pre-start', 'migrate'), 70);
    assert.equal(await budget('--pre-start', 'migrate', '--hook-timeout', '90s'), 150);
    // All of them have one limit together.
    assert.equal(await budget('--wait-for', 'tcp://db:1', '--wait-for', 'tcp://mq:2'), 120);
    assert.equal(await budget('--wait-for', 'tcp://db:1', '--wait-timeout', '5m', '--pre-start', 'x'), 370);
    assert.equal(await budget('--wait-for', 'tcp://db:1', '--health-host', '127.0.0.1'), 120);
    const { stdout } = await runManifest(['--pre-start', 'x'], ['x']);
    assert.match(stdout, /# --pre-start 10s \+ 60s for the app's start; raise failureThreshold/);
  });

  test('a probe that starts a process has no period shorter than its time-out', async () => {
    const { startupProbe, readinessProbe, livenessProbe } = await containerOf(['--health-host', '127.0.0.1']);
    for (const probe of [startupProbe, readinessProbe, livenessProbe])
      assert.ok(probe.periodSeconds >= probe.timeoutSeconds);
  });

  test('the folders of --env-dir and --watch are mounted, with the command that creates what is in them', async () => {
    const options = ['--env-dir', '/etc/config', '--env-dir', '/run/secrets/db', '--watch', '/etc/app/app.yaml'];
    const run = await runManifest(['--name', 'web', ...options], ['x']);
    const { volumes, containers } = podOf(parse(run.stdout.split('---\n')[0] ?? ''));
    assert.deepEqual(volumes, [
      { name: 'tmp', emptyDir: {} },
      { name: 'config', configMap: { name: 'web-config' } },
      { name: 'db', secret: { secretName: 'web-db' } },
      // A file that is mounted by itself is never updated.
      { name: 'app', configMap: { name: 'web-app' } },
    ]);
    assert.deepEqual(containers[0]?.volumeMounts, [
      { name: 'tmp', mountPath: '/tmp' },
      { name: 'config', mountPath: '/etc/config', readOnly: true },
      { name: 'db', mountPath: '/run/secrets/db', readOnly: true },
      { name: 'app', mountPath: '/etc/app', readOnly: true },
    ]);
    for (const text of [
      'For --env-dir /etc/config: name your ConfigMap here',
      'kubectl create configmap web-config',
      'kubectl create secret generic web-db',
      'For --watch /etc/app/app.yaml',
    ])
      assert.ok(run.stdout.includes(text), text);
  });

  test('folders of one name get volumes of different names, and one folder of two options one volume', async () => {
    const { volumeMounts } = await containerOf([
      '--env-dir',
      '/a/config',
      '--env-dir',
      '/b/config',
      '--watch',
      '/a/config',
      '--watch',
      '/x/tmp',
    ]);
    assert.deepEqual(
      volumeMounts.map(({ name, mountPath }) => `${name} ${mountPath}`),
      ['tmp /tmp', 'config /a/config', 'config-2 /b/config', 'tmp-2 /x/tmp'],
    );
  });

  test('what --watch names in the folder of --config is mounted once', async () => {
    const config = ['--config', 'examples/config-file/k8s-run.yaml'];
    const { volumeMounts } = await containerOf([...config, '--watch', '/etc/k8s-run/k8s-run.yaml']);
    assert.deepEqual(
      volumeMounts.map(({ mountPath }) => mountPath),
      ['/tmp', '/etc/k8s-run'],
    );
  });

  test('terminationMessagePath is that of --termination-log', async () => {
    assert.equal((await containerOf(['--termination-log', '/tmp/death'])).terminationMessagePath, '/tmp/death');
    for (const path of ['off', '/dev/termination-log'])
      assert.equal((await containerOf(['--termination-log', path])).terminationMessagePath, undefined);
  });

  test('an image without a version gets a comment, one with a version none', async () => {
    const comment = async (image: string): Promise<string> =>
      (await runManifest(['--image', image], ['x'])).stdout
        .split('\n')
        .find((line) => /# (Add|Name) a version/.test(line)) ?? '';
    assert.match(await comment('web'), /Add a version: without one the tag is latest/);
    assert.match(await comment('localhost:5000/web'), /Add a version/);
    assert.match(await comment('web:latest'), /Name a version: latest may be another image/);
    for (const image of ['web:1', 'localhost:5000/web:1', `web@sha256:${'a1'.repeat(32)}`])
      assert.equal(await comment(image), '', image);
  });

  test('variables of --env are literal, those that name a secret come from a Secret', async () => {
    const options = ['--env', 'MODE=a b=c', '--env', 'HOME_OF=$(HOME) $$(X)', '--env', 'DB_PASSWORD=hunter2'];
    const url = ['--env', 'DATABASE_URL=postgres://app:hunter2@db/x', '--env', 'EMPTY=', '--env', 'API_KEY='];
    const { stdout } = await runManifest(['--name', 'web', ...options, ...url], ['x', '--token', 'hunter2']);
    assert.ok(!stdout.includes('hunter2'));
    const { env, args } = await containerOf(['--name', 'web', ...options, ...url], ['x', '--token', 'hunter2']);
    const value = (name: string): string => expandVariables(env.find((each) => each.name === name)?.value ?? '', {});
    assert.deepEqual(
      [value('MODE'), value('HOME_OF'), value('EMPTY'), value('API_KEY')],
      ['a b=c', '$(HOME) $$(X)', '', ''],
    );
    assert.equal(value('DATABASE_URL'), 'postgres://app:$(URL_PASSWORD)@db/x');
    assert.deepEqual(args, ['x', '--token', '$(TOKEN)']);
    const names = env.map(({ name }) => name);
    assert.deepEqual([...new Set(names)], names);
    const secrets = env.flatMap(({ name, valueFrom }) =>
      valueFrom === undefined ? [] : [`${name} ${valueFrom.secretKeyRef.key}`],
    );
    assert.deepEqual(secrets, ['DB_PASSWORD db-password', 'URL_PASSWORD url-password', 'TOKEN token']);
    // The kubelet expands a variable only from those before it.
    assert.ok(names.indexOf('URL_PASSWORD') < names.indexOf('DATABASE_URL'));
  });

  test('an option as a variable of --env counts in the grace period, as it does in the container', async () => {
    const [deployment] = await manifestsOf(['--env', 'K8S_RUN_GRACE=40s'], ['x'], { K8S_RUN_GRACE: '1s' });
    assert.equal(podOf(deployment).terminationGracePeriodSeconds, 50);
    assert.deepEqual(podOf(deployment).containers[0]?.env, [{ name: 'K8S_RUN_GRACE', value: '40s' }]);
  });

  test('--env-from, --service-account and --image-pull-secret are in the pod', async () => {
    const options = ['--env-from', 'configmap/shared', '--env-from', 'secret/db', '--service-account', 'api'];
    const manifests = await manifestsOf([...options, '--image-pull-secret', 'registry'], ['x']);
    const pod = podOf(objectOf(manifests, 'Deployment'));
    assert.deepEqual(pod.containers[0]?.envFrom, [{ configMapRef: { name: 'shared' } }, { secretRef: { name: 'db' } }]);
    assert.deepEqual([pod.serviceAccountName, pod.imagePullSecrets], ['api', [{ name: 'registry' }]]);
    assert.equal(objectOf(manifests, 'ServiceAccount').metadata.name, 'api');
    const ofDefault = await manifestsOf(['--service-account', 'default'], ['x']);
    assert.ok(ofDefault.every(({ kind }) => kind !== 'ServiceAccount'));
  });

  test('every object and the pods have the recommended labels and those of --label, and a selector never changes', async () => {
    const options = ['--label', 'app.kubernetes.io/part-of=shop', '--label', 'team=', '--image', 'r/web:1.2'];
    const manifests = await manifestsOf([...options, '--hpa', '2:3', '--network-policy', '--pod-monitor'], ['x']);
    const labels = {
      ...{ 'app.kubernetes.io/name': 'web', 'app.kubernetes.io/instance': 'web', 'app.kubernetes.io/version': '1.2' },
      ...{ 'app.kubernetes.io/part-of': 'shop', team: '' },
    };
    for (const each of manifests) assert.deepEqual(each.metadata.labels, labels, each.kind);
    const { selector, template } = objectOf(manifests, 'Deployment').spec;
    assert.deepEqual(template.metadata.labels, labels);
    assert.deepEqual(selector, { matchLabels: { 'app.kubernetes.io/name': 'web' } });
    for (const image of ['web:latest', `web@sha256:${'a1'.repeat(32)}`, `web:${'x'.repeat(64)}`]) {
      const [deployment] = await manifestsOf(['--image', image], ['x']);
      assert.deepEqual(Object.keys(deployment?.metadata.labels ?? {}), Object.keys(labels).slice(0, 2), image);
    }
  });
});

/** The ports of the container and the Service, each as name, number and what else is said. */
async function portsOf(...options: readonly string[]): Promise<readonly [container: string, service: string]> {
  const manifests: readonly Manifest[] = await manifestsOf(options, ['x']);
  const { ports } = podOf(objectOf(manifests, 'Deployment')).containers[0] ?? { ports: [] };
  const { spec } = objectOf(manifests, 'Service');
  const words = (...parts: readonly (string | number | undefined)[]): string =>
    parts.filter((part) => part !== undefined).join(' ');
  return [
    ports
      .filter(({ name }) => name !== 'health')
      .map((port) => words(port.name, port.containerPort, port.protocol))
      .join(', '),
    spec.ports.map((port) => words(port.name, port.port, port.protocol, port.appProtocol)).join(', '),
  ];
}

test('the ports of the container and the Service have the name and the protocol of what the probe speaks', async () => {
  for (const [ready, container, service] of [
    ['http://:3000/', 'http 3000', 'http 80'],
    ['https://:8443/', 'https 8443', 'https 443 https'],
    ['h2c://:8080/', 'http2 8080', 'http2 8080 kubernetes.io/h2c'],
    ['grpc://:50051', 'grpc 50051', 'grpc 50051 kubernetes.io/h2c'],
    ['grpcs://:50051', 'grpcs 50051', 'grpcs 50051 https'],
    ['tcp://:6379', 'tcp 6379', 'tcp 6379'],
  ] as const)
    assert.deepEqual(await portsOf('--ready', ready), [container, service], ready);
});

test('--port may be given several times, with names that say the protocol', async () => {
  assert.deepEqual(
    await portsOf('--port', '8080', '--port', 'grpc:50051', '--port', 'udp-dns:53', '--port', 'metrics:9100'),
    [
      'http 8080, grpc 50051, udp-dns 53 UDP, metrics 9100',
      'http 80, grpc 50051 kubernetes.io/h2c, udp-dns 53 UDP, metrics 9100',
    ],
  );
  // Two ports of a Service must differ.
  assert.deepEqual(await portsOf('--port', 'http:8080', '--port', 'http-admin:80', '--port', 'ws:9000'), [
    'http 8080, http-admin 80, ws 9000',
    'http 8080, http-admin 80, ws 9000 kubernetes.io/ws',
  ]);
  assert.deepEqual(await portsOf('--port', '8080', '--port', '8081'), [
    'http 8080, http-8081 8081',
    'http 80, http-8081 8081',
  ]);
  // The readiness probe may be at another port than the clients'.
  assert.deepEqual(await portsOf('--ready', 'grpc://:50051', '--port', '8080'), ['http 8080', 'http 80']);
  assert.deepEqual(await portsOf('--ready', 'grpc://:50051', '--port', '50051'), [
    'grpc 50051',
    'grpc 50051 kubernetes.io/h2c',
  ]);
});

test('a NetworkPolicy admits clients to the ports of the app, and to the health port all, or the nodes alone', async () => {
  const ingressOf = async (...options: readonly string[]) =>
    objectOf(await manifestsOf(['--network-policy', ...options], ['x']), 'NetworkPolicy').spec['ingress'];
  const clients = { ports: [{ port: 'http' }] };
  assert.deepEqual(await ingressOf(), [clients, { ports: [{ port: 'health' }] }]);
  const nodes = [{ ipBlock: { cidr: '10.0.0.0/16' } }, { ipBlock: { cidr: 'fd00::/64' } }];
  const cidrs = ['--node-cidr', '10.0.0.0/16', '--node-cidr', 'fd00::/64'];
  assert.deepEqual(await ingressOf(...cidrs), [clients, { from: nodes, ports: [{ port: 'health' }] }]);
  const prometheus = {
    namespaceSelector: {},
    podSelector: { matchLabels: { 'app.kubernetes.io/name': 'prometheus' } },
  };
  assert.deepEqual(await ingressOf(...cidrs, '--pod-monitor'), [
    clients,
    { from: [...nodes, prometheus], ports: [{ port: 'health' }] },
  ]);
  // `k8s-run probe` runs in the container, and nothing else reaches a port that is loopback.
  assert.deepEqual(await ingressOf('--health-host', '127.0.0.1', '--port', 'none'), []);
});

test('a PodMonitor scrapes the health port', async () => {
  const { spec } = objectOf(await manifestsOf(['--pod-monitor', '--name', 'web'], ['x']), 'PodMonitor');
  assert.deepEqual(spec, {
    selector: { matchLabels: { 'app.kubernetes.io/name': 'web' } },
    podMetricsEndpoints: [{ port: 'health', path: '/metrics' }],
  });
});

test('--format json prints the same objects as one List, and a single one as itself', async () => {
  const options = ['--env', 'A=b', '--hpa', '2:3'];
  const { stdout } = await runManifest([...options, '--format', 'json'], ['x']);
  const { apiVersion, kind, items } = JSON.parse(stdout);
  assert.deepEqual([apiVersion, kind], ['v1', 'List']);
  assert.deepEqual(items, await manifestsOf(options, ['x']));
  const job = await runManifest(['--kind', 'job', '--format', 'json'], ['x']);
  assert.equal(JSON.parse(job.stdout).kind, 'Job');
  const values = await runManifest(['--helm-values', '--format', 'json'], ['x']);
  assert.equal(JSON.parse(values.stdout).replicaCount, 2);
});

const CONTROL = [
  ...['\u0001', '\u0007', '\u001b[1m', '\u007f', '\u0085', '\u009f', '\u2028', '\u2029', '\ufeff', '\ufffe', '\uffff'],
  ...['\t', 'a\tb', '\r', 'a\r\nb\r\n', ' a\n\u0085b ', '\n', 'a\n\n\n', '🙂', 'é', '\\u0085', '"\u0085"', '#\u007f'],
];

test('control characters are escaped, so that what is read is what was given', async () => {
  const command = ['x', ...CONTROL, ...CONTROL.map((text) => `a${text}b`)];
  const run = await runManifest(['--env', `A=${CONTROL.join('')}`], command);
  assert.doesNotMatch(run.stdout, /[^\P{Cc}\n\t]|[\u2028\u2029\ufeff\ufffe\uffff]/u);
  const { args, env } = await containerOf(['--env', `A=${CONTROL.join('')}`], command);
  assert.deepEqual(args, command);
  assert.equal(env[0]?.value, CONTROL.join(''));
});
