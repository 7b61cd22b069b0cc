import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { expandVariables } from '../../../src/config/pod-manifest/expand.ts';
import { manifestsOf, podOf, runManifest } from './manifest-run.ts';

describe('k8s-run manifest', () => {
  test('k8s-run manifest prints a Deployment, a Service and a PodDisruptionBudget with the same labels', async () => {
    const [deployment, service, budget] = await manifestsOf(
      ['--image', 'registry.example.com/team/web:1.2.3'],
      ['node', 'server.js'],
    );
    assert.deepEqual([deployment?.kind, service?.kind, budget?.kind], ['Deployment', 'Service', 'PodDisruptionBudget']);
    const selector = { 'app.kubernetes.io/name': 'web' };
    for (const each of [deployment, service, budget]) assert.equal(each?.metadata.name, 'web');
    assert.partialDeepStrictEqual(deployment?.spec.template.metadata.labels, selector);
    assert.deepEqual(service?.spec.selector, selector);
    assert.deepEqual(budget?.spec.selector, { matchLabels: selector });
    assert.deepEqual(deployment?.spec.strategy.rollingUpdate, { maxUnavailable: 0, maxSurge: 1 });
    const pod = podOf(deployment);
    assert.equal(pod.terminationGracePeriodSeconds, 30);
    const [container] = pod.containers;
    assert.deepEqual(container?.args, ['node', 'server.js']);
    assert.equal(container?.command, undefined);
    assert.deepEqual(container?.ports, [
      { name: 'http', containerPort: 8080 },
      { name: 'health', containerPort: 20080 },
    ]);
    assert.equal(service?.spec.ports[0]?.targetPort, 'http');
    assert.deepEqual(
      [container?.startupProbe, container?.readinessProbe, container?.livenessProbe].map((probe) => probe?.httpGet),
      ['/startupz', '/readyz', '/livez'].map((path) => ({ path, port: 'health' })),
    );
  });

  test('k8s-run manifest prints a pod that meets the restricted Pod Security Standard', async () => {
    const [deployment] = await manifestsOf([], ['node', 'server.js']);
    const { securityContext, containers } = podOf(deployment);
    // https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
    assert.deepEqual(securityContext, { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    assert.equal(containers[0]?.securityContext.allowPrivilegeEscalation, false);
    assert.deepEqual(containers[0]?.securityContext.capabilities, { drop: ['ALL'] });
  });

  test('k8s-run manifest has the kubelet restart the container for memory only where --resource-env sized the app', async () => {
    const restarting = [
      { resourceName: 'cpu', restartPolicy: 'NotRequired' },
      { resourceName: 'memory', restartPolicy: 'RestartContainer' },
    ];
    for (const [options, expected] of [
      [[], undefined],
      [['--resource-env'], restarting],
      [['--resource-env', '--on-resize', 'restart'], undefined],
      [['--on-resize', 'HUP'], undefined],
      // The API server rejects it where restartPolicy is Never.
      [['--resource-env', '--kind', 'job'], undefined],
    ] as const) {
      const [workload] = await manifestsOf(options, ['node', 'server.js']);
      assert.deepEqual(podOf(workload).containers[0]?.resizePolicy, expected, options.join(' '));
    }
  });

  test('with --otlp the container knows its pod, by variables that the user has not set', async () => {
    const options = ['--otlp', 'http://otel:4318', '--env', 'NODE_NAME=here'];
    const [deployment] = await manifestsOf(options, ['node', 'server.js']);
    const names = (podOf(deployment).containers[0]?.env ?? []).map(({ name }) => name);
    assert.deepEqual(names, ['NODE_NAME', 'POD_NAME', 'POD_NAMESPACE', 'CONTAINER_NAME', 'K8S_RUN_OTLP']);
    const [plain] = await manifestsOf([], ['node', 'server.js']);
    assert.ok(!(podOf(plain).containers[0]?.env ?? []).some(({ name }) => name === 'POD_NAME'));
  });

  test('k8s-run manifest turns options and variables into env, and their sum into the grace period', async () => {
    const options = [
      '--grace=40s',
      '--drain-connections',
      '10s',
      '--post-exit',
      'true',
      '--hook-timeout',
      '3s',
      '--interactive',
    ];
    const env = { K8S_RUN_SHUTDOWN_DELAY: '7s', K8S_RUN_GRACE: '1s', OTHER: 'x' };
    const [deployment] = await manifestsOf(options, ['node', 'server.js'], env);
    const pod = podOf(deployment);
    assert.deepEqual(Object.fromEntries(pod.containers[0]?.env.map(({ name, value }) => [name, value]) ?? []), {
      K8S_RUN_SHUTDOWN_DELAY: '7s',
      K8S_RUN_GRACE: '40s',
      K8S_RUN_DRAIN_CONNECTIONS: '10s',
      K8S_RUN_POST_EXIT: 'true',
      K8S_RUN_HOOK_TIMEOUT: '3s',
      K8S_RUN_INTERACTIVE: 'true',
    });
    // 7 + 40 + 3, a reserve of 2 and a margin of 3; the drain is a part of the grace.
    assert.equal(pod.terminationGracePeriodSeconds, 55);
  });

  test('k8s-run manifest --termination-grace-period sets the grace period of the pod', async () => {
    const [deployment] = await manifestsOf(['--termination-grace-period', '90'], ['x']);
    assert.equal(podOf(deployment).terminationGracePeriodSeconds, 90);
  });

  test('k8s-run manifest keeps a repeatable option with a comma in args, before the app', async () => {
    const options = ['--wait-for', 'exec:sh -c a,b', '--wait-for', 'tcp://db:5432'];
    const [deployment] = await manifestsOf(options, ['node', 'x']);
    const [container] = podOf(deployment).containers;
    assert.deepEqual(container?.args, [...options, '--', 'node', 'x']);
    assert.equal(container?.env, undefined);
    const [other] = await manifestsOf([...options, '--entrypoint', '/opt/k8s-run/bin/k8s-run'], ['node', 'x']);
    assert.deepEqual(podOf(other).containers[0]?.command, ['/opt/k8s-run/bin/k8s-run', ...options, '--']);
    assert.deepEqual(podOf(other).containers[0]?.args, ['node', 'x']);
  });

  test('k8s-run manifest takes the port of the app from --ready', async () => {
    const [deployment, service] = await manifestsOf(['--ready', 'grpc://:50051'], ['x']);
    assert.deepEqual(podOf(deployment).containers[0]?.ports[0], { name: 'grpc', containerPort: 50051 });
    assert.equal(service?.spec.ports[0]?.appProtocol, 'kubernetes.io/h2c');
    const [http] = await manifestsOf(['--ready', 'http://:3000/up', '--port', '4000'], ['x']);
    assert.equal(podOf(http).containers[0]?.ports[0]?.containerPort, 4000);
  });

  test('k8s-run manifest prints no Service for a worker, and no PodDisruptionBudget for one pod', async () => {
    const kinds = async (...options: readonly string[]): Promise<readonly string[]> =>
      (await manifestsOf(options, ['x'])).map(({ kind }) => kind);
    assert.deepEqual(await kinds('--ready', 'process'), ['Deployment', 'PodDisruptionBudget']);
    assert.deepEqual(await kinds('--port', 'none', '--replicas', '1'), ['Deployment']);
  });

  test('k8s-run manifest prints exec probes where the health server listens on loopback', async () => {
    const [deployment] = await manifestsOf(['--health-host', '127.0.0.1'], ['x']);
    assert.deepEqual(podOf(deployment).containers[0]?.readinessProbe.exec.command, ['k8s-run', 'probe', 'ready']);
  });

  test('k8s-run manifest quotes words that YAML 1.1 does not read as strings, and escapes `$(`', async () => {
    const words = ['on', 'yes', '0b1', '1:30', '1e3', '~', '$(HOME)', 'a: b', '# c', ''];
    const run = await runManifest([], ['x', ...words]);
    assert.match(run.stdout, /"on", "yes", "0b1", "1:30", "1e3", "~"/);
    const [deployment] = await manifestsOf([], ['x', ...words]);
    assert.deepEqual(podOf(deployment).containers[0]?.args, ['x', ...words.with(6, '$$(HOME)')]);
  });

  test('k8s-run manifest puts -- before an app whose first word is an option or a command of k8s-run', async () => {
    for (const word of ['env', 'manifest', '-x']) {
      const [deployment] = await manifestsOf([], [word]);
      assert.deepEqual(podOf(deployment).containers[0]?.args, ['--', word]);
    }
  });

  test('k8s-run manifest --entrypoint ends in --, so the app needs no -- of its own', async () => {
    for (const word of ['env', 'manifest', '-x']) {
      const [deployment] = await manifestsOf(['--entrypoint', '/opt/k8s-run/bin/k8s-run'], [word]);
      const { command, args } = podOf(deployment).containers[0] ?? {};
      assert.deepEqual([command, args], [['/opt/k8s-run/bin/k8s-run', '--'], [word]]);
    }
  });

  test('k8s-run manifest prints the file of --config as a ConfigMap, unless it may contain secrets', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'manifest-'));
    try {
      const path = join(folder, 'k8s-run.yaml');
      await writeFile(path, 'grace: 50s\n');
      const [map, deployment] = await manifestsOf(['--config', path], ['x']);
      assert.deepEqual(map?.data, { 'k8s-run.yaml': 'grace: 50s\n' });
      assert.equal(podOf(deployment).terminationGracePeriodSeconds, 60);
      assert.deepEqual(podOf(deployment).containers[0]?.env, [
        { name: 'K8S_RUN_CONFIG', value: '/etc/k8s-run/k8s-run.yaml' },
      ]);
      assert.equal(podOf(deployment).volumes[1]?.configMap?.name, map?.metadata.name);
      const stanza = 'ready: {httpGet: {port: 80, httpHeaders: [{name: Authorization, value: Bearer hunter2}]}}\n';
      await writeFile(path, stanza);
      const run = await runManifest(['--config', path], ['x']);
      assert.equal(run.code, 0, run.stderr);
      assert.ok(!run.stdout.includes('hunter2'));
      assert.match(run.stdout, /kubectl create secret generic app-k8s-run --from-file=k8s-run.yaml/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

const SECRET = 'hunter2';
const COMMANDS_WITH_SECRET: readonly (readonly string[])[] = [
  ['x', `--db-password=${SECRET}`],
  ['x', '--api-key', SECRET],
  ['x', `postgres://app:${SECRET}@db/x`],
  ['env', `API_TOKEN=${SECRET}`, 'x'],
  ['curl', '-H', `Authorization: Bearer ${SECRET}`],
  ['x', `https://host/?access_token=${SECRET}&a=b`],
];

test('k8s-run manifest replaces what looks like a secret by a reference to a Secret', async () => {
  for (const command of COMMANDS_WITH_SECRET) {
    const run = await runManifest(['--name', 'web'], command);
    assert.equal(run.code, 0);
    assert.ok(!run.stdout.includes(SECRET), command.join(' '));
    const [deployment] = await manifestsOf(['--name', 'web'], command);
    const [container] = podOf(deployment).containers;
    const variable = container?.env[0];
    assert.equal(variable?.valueFrom?.secretKeyRef.name, 'web');
    assert.ok(
      container?.args.some((word) => word.includes(`$(${variable?.name})`)),
      command.join(' '),
    );
  }
  const probe = await runManifest(['--ready', `http://:80/x?token=${SECRET}`], ['x']);
  assert.ok(!probe.stdout.includes(SECRET) && probe.code === 0);
});

test('k8s-run manifest escapes words so that the kubelet expands them to the original', async () => {
  const command = ['x', '$', '$$', '$$$', '$(A)', '$$(A)', '$$$(A)', '$(', '$A', 'a$$b$c', '$)$(', '"$$"'];
  const ready = 'exec:x $$(A) $$';
  const [deployment] = await manifestsOf(['--name', 'web', '--ready', ready], command);
  const [container] = podOf(deployment).containers;
  assert.deepEqual(
    container?.args.map((word) => expandVariables(word, { A: 'expanded' })),
    command,
  );
  assert.deepEqual(
    container?.env.map(({ value = '' }) => expandVariables(value, { A: 'expanded' })),
    [ready],
  );
});

test('k8s-run manifest accepts --no-… for an option without a value', async () => {
  const [deployment] = await manifestsOf(['--no-resource-env', '--no-interactive'], ['x']);
  assert.deepEqual(podOf(deployment).containers[0]?.env, [
    { name: 'K8S_RUN_INTERACTIVE', value: 'false' },
    { name: 'K8S_RUN_RESOURCE_ENV', value: 'false' },
  ]);
});

test('k8s-run manifest reports all mistakes at once and prints no manifest', async () => {
  const run = await runManifest(
    [
      '--replicas',
      '0',
      '--name',
      'Web_1',
      '--image',
      'a b',
      '--cpu',
      'much',
      '--grace',
      'soon',
      '--kustomize',
      'x.yaml',
      '--helm-values',
    ],
    ['x'],
  );
  assert.deepEqual([run.code, run.stdout], [78, '']);
  for (const what of [
    '--replicas "0"',
    '--name "Web_1"',
    '--image "a b"',
    '--cpu "much"',
    '--grace "soon"',
    '--kustomize and',
  ])
    assert.ok(run.stderr.includes(what), `${what} in ${run.stderr}`);
});

test('k8s-run manifest rejects options that no manifest can have, with a remedy', async () => {
  for (const [options, mistake] of [
    [['--health-port', '0'], /cannot use --health-port 0 in a manifest: .*give a port/],
    [['--health-port', 'off'], /cannot use --health-port off/],
    [['--port', '20080'], /cannot use port 20080 for the app: it is the health port/],
  ] as const) {
    const run = await runManifest(options, ['x']);
    assert.deepEqual([run.code, run.stdout], [78, '']);
    assert.match(run.stderr, mistake);
  }
  const none = await runManifest(['--name', 'web'], []);
  assert.equal(none.code, 64);
  assert.match(
    none.stderr,
    /cannot print a manifest: no command given; write k8s-run manifest \[options\] -- <command>/,
  );
});
