import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Manifest, manifestsOf, objectOf, podOf, runManifest } from './manifest-run.ts';

const kindsOf = (manifests: readonly Manifest[]): readonly string[] => manifests.map(({ kind }) => kind);

describe('k8s-run manifest --kind', () => {
  test('a statefulset has a headless Service that names its pods, and one for its clients', async () => {
    const manifests = await manifestsOf(['--kind', 'statefulset', '--name', 'db'], ['x']);
    assert.deepEqual(kindsOf(manifests), ['Service', 'StatefulSet', 'Service', 'PodDisruptionBudget']);
    const set = objectOf(manifests, 'StatefulSet');
    const headless = objectOf(manifests, 'Service', set.spec.serviceName);
    assert.deepEqual([headless.spec.clusterIP, headless.spec.ports[0]?.port], ['None', 8080]);
    assert.deepEqual(objectOf(manifests, 'Service', 'db').spec.ports[0]?.port, 80);
    assert.equal(set.spec.replicas, 2);
    // The API server rejects a Deployment's field in a StatefulSet.
    assert.equal(set.spec.strategy, undefined);
    const worker = await manifestsOf(['--kind', 'statefulset', '--port', 'none'], ['x']);
    assert.deepEqual(kindsOf(worker), ['Service', 'StatefulSet', 'PodDisruptionBudget']);
  });

  test('a daemonset has no number of pods, no budget and no spread, and its new pod is ready before the old one stops', async () => {
    const manifests = await manifestsOf(['--kind', 'daemonset'], ['x']);
    assert.deepEqual(kindsOf(manifests), ['DaemonSet', 'Service']);
    const set = objectOf(manifests, 'DaemonSet');
    assert.equal(set.spec.replicas, undefined);
    assert.deepEqual(set.spec.updateStrategy, {
      type: 'RollingUpdate',
      rollingUpdate: { maxUnavailable: 0, maxSurge: 1 },
    });
    assert.equal(podOf(set).topologySpreadConstraints, undefined);
  });

  test('a job has neither a Service nor probes that its end could fail, and is not tried again without hope', async () => {
    const manifests = await manifestsOf(['--kind', 'job', '--name', 'migrate'], ['x']);
    assert.deepEqual(kindsOf(manifests), ['Job']);
    const job = objectOf(manifests, 'Job');
    const pod = podOf(job);
    assert.equal(pod.restartPolicy, 'Never');
    const [container] = pod.containers;
    // A startupProbe would wait for a port, and the kubelet would kill a job that listens on none.
    assert.deepEqual(
      [container?.startupProbe, container?.readinessProbe, container?.livenessProbe],
      [undefined, undefined, undefined],
    );
    assert.deepEqual(container?.env, [{ name: 'K8S_RUN_READY', value: 'process' }]);
    assert.deepEqual(job.spec['podFailurePolicy'], {
      rules: [
        { action: 'FailJob', onExitCodes: { containerName: 'migrate', operator: 'In', values: [64, 78, 126, 127] } },
        { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
      ],
    });
  });

  test('a job whose app says by a probe whether it is alive has a livenessProbe', async () => {
    for (const kind of [['job'], ['cronjob', '--schedule', '@daily']]) {
      const [workload] = await manifestsOf(['--kind', ...kind, '--live', 'file:/tmp/alive'], ['x']);
      const { spec } = workload?.spec.jobTemplate ?? { spec: workload?.spec };
      const [container] = spec?.template.spec.containers ?? [];
      assert.equal(container?.livenessProbe.httpGet.path, '/livez');
      assert.equal(container?.startupProbe, undefined);
    }
  });

  test('a cronjob has its schedule, in a time zone that is said', async () => {
    const [job] = await manifestsOf(['--kind', 'cronjob', '--schedule', '0 3 * * mon'], ['x']);
    assert.deepEqual(
      [job?.kind, job?.apiVersion, job?.spec['schedule'], job?.spec['timeZone'], job?.spec['concurrencyPolicy']],
      ['CronJob', 'batch/v1', '0 3 * * mon', 'Etc/UTC', 'Forbid'],
    );
    assert.equal(job?.spec.jobTemplate.spec.template.spec.restartPolicy, 'Never');
  });

  test('an app without a port is ready as its process runs, because the kubelet would kill it for a port that never opens', async () => {
    const [deployment] = await manifestsOf(['--port', 'none'], ['x']);
    assert.deepEqual(podOf(deployment).containers[0]?.env, [{ name: 'K8S_RUN_READY', value: 'process' }]);
    const [chosen] = await manifestsOf(['--port', 'none', '--ready', 'file:/tmp/up'], ['x']);
    assert.deepEqual(podOf(chosen).containers[0]?.env, [{ name: 'K8S_RUN_READY', value: 'file:/tmp/up' }]);
  });

  test('a HorizontalPodAutoscaler takes the place of replicas', async () => {
    for (const kind of ['Deployment', 'StatefulSet']) {
      const manifests = await manifestsOf(['--kind', kind.toLowerCase(), '--name', 'web', '--hpa', '2:10'], ['x']);
      assert.equal(objectOf(manifests, kind).spec.replicas, undefined);
      const { spec } = objectOf(manifests, 'HorizontalPodAutoscaler');
      assert.deepEqual(spec['scaleTargetRef'], { apiVersion: 'apps/v1', kind, name: 'web' });
      assert.deepEqual([spec['minReplicas'], spec['maxReplicas']], [2, 10]);
      objectOf(manifests, 'PodDisruptionBudget');
    }
    const one = await manifestsOf(['--hpa', '1:1'], ['x']);
    assert.ok(!kindsOf(one).includes('PodDisruptionBudget'));
  });
});

/** Options that contradict each other, and what the mistake says. */
const CONTRADICTIONS: readonly (readonly [options: string, mistake: RegExp])[] = [
  ['--kind cronjob', /cannot use --kind cronjob without --schedule/],
  ['--kind job --schedule @daily', /cannot use --schedule with --kind job/],
  ['--kind cronjob --schedule 1', /cannot use --schedule "1": not a schedule/],
  ['--kind pod', /cannot use --kind "pod": must be one of deployment, statefulset, daemonset, job, cronjob/],
  ['--kind daemonset --replicas 3', /cannot use --replicas with --kind daemonset/],
  ['--kind job --hpa 1:2', /cannot use --hpa with --kind job/],
  ['--replicas 2 --hpa 1:2', /cannot use --replicas with --hpa/],
  ['--hpa 3:2', /cannot use --hpa "3:2": must be the least and the most pods/],
  ['--kind job --helm-values', /cannot use --kind job with --helm-values/],
  ['--helm-values --network-policy', /cannot use --network-policy with --helm-values/],
  ['--node-cidr 10.0.0.0/8', /cannot use --node-cidr without --network-policy/],
  ['--network-policy --node-cidr 10.0.0.0/33', /cannot use --node-cidr "10.0.0.0\/33": not a CIDR/],
  ['--container x', /cannot use --container without --kustomize/],
  ['--pod-monitor --health-host 127.0.0.1', /cannot use --pod-monitor with a --health-host that is loopback/],
  ['--port 80 --port 80', /cannot use --port 80 twice/],
  ['--port http:80 --port http:81', /cannot name two ports http/],
  ['--port none --port 80', /cannot use --port none beside another --port/],
  ['--port health:80', /health is the name of the port of k8s-run/],
  ['--port HTTP:80', /cannot use --port "HTTP:80": the name must be/],
  ['--port a:b:1', /cannot use --port "a:b:1": not a port/],
  ['--env A', /cannot use --env "A": not a variable; write NAME=value/],
  ['--env A=1 --env A=2', /cannot use --env A=… twice/],
  ['--env-from web', /cannot use --env-from "web": must be a ConfigMap or a Secret/],
  ['--label app.kubernetes.io/name=x', /cannot use --label "app.kubernetes.io\/name=x": pods are selected by it/],
  ['--label team=a/b', /cannot use --label "team=a\/b": not a label/],
  ['--namespace Shop', /cannot use --namespace "Shop"/],
  ['--name 1st', /cannot use --name "1st": must begin with a letter/],
  [`--kind statefulset --name ${'a'.repeat(53)}`, /must have at most 52 characters/],
  [`--kind cronjob --schedule @daily --name ${'a'.repeat(53)}`, /must have at most 52 characters/],
  ['--image Web:1', /cannot use --image "Web:1": not an image/],
  [
    '--termination-log log',
    /cannot use --termination-log log in a manifest: terminationMessagePath is an absolute path/,
  ],
  ['--env-dir /etc', /cannot use --env-dir \/etc in a manifest: a mount would hide/],
  ['--format toml', /cannot use --format "toml": must be one of yaml, json/],
];

test('k8s-run manifest names options that contradict each other, and prints no manifest', async () => {
  for (const [options, mistake] of CONTRADICTIONS) {
    const run = await runManifest(options.split(' '), ['x']);
    assert.deepEqual([run.code, run.stdout], [78, ''], options);
    assert.match(run.stderr, mistake);
  }
});

test('k8s-run manifest accepts the names that Kubernetes accepts', async () => {
  for (const options of [
    ['--namespace', '2024-shop'],
    ['--name', '1st', '--port', 'none'],
    ['--name', 'a'.repeat(63)],
    ['--kind', 'cronjob', '--schedule', '@hourly', '--name', 'a'.repeat(52)],
    ['--image', 'localhost:5000/a/b:1'],
    ['--network-policy', '--node-cidr', 'fd00::/8'],
  ])
    assert.equal((await runManifest(options, ['x'])).code, 0, options.join(' '));
});
