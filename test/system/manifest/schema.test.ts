import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { DaemonSet } from 'kubernetes-models/apps/v1/DaemonSet';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { StatefulSet } from 'kubernetes-models/apps/v1/StatefulSet';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler';
import { CronJob } from 'kubernetes-models/batch/v1/CronJob';
import { Job } from 'kubernetes-models/batch/v1/Job';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { Service } from 'kubernetes-models/v1/Service';
import { ServiceAccount } from 'kubernetes-models/v1/ServiceAccount';
import { parse } from 'yaml';
import { isRecent, KUBECTL, kubectl, skip } from './kubectl.ts';
import { manifestsOf, runManifest } from './manifest-run.ts';
import { OPTION_LISTS } from './option-lists.ts';

const MODELS = {
  ...{ Deployment, StatefulSet, DaemonSet, Job, CronJob, PodDisruptionBudget, HorizontalPodAutoscaler },
  ...{ NetworkPolicy, ConfigMap, Service, ServiceAccount },
} as const;

const COMMAND = ['node', 'server.js', '--db-password=x', 'on'];

describe('the published schemas of Kubernetes and k8s-run manifest', () => {
  test('the objects that k8s-run manifest prints are valid by the published schemas', async () => {
    const seen = new Set<string>();
    for (const options of OPTION_LISTS) {
      for (const manifest of await manifestsOf(options, COMMAND)) {
        // The API of the Prometheus operator is not Kubernetes' own.
        if (manifest.kind === 'PodMonitor') continue;
        const Model = MODELS[manifest.kind as keyof typeof MODELS];
        assert.ok(Model, manifest.kind);
        assert.equal(manifest.apiVersion, new Model({} as never).apiVersion);
        seen.add(manifest.kind);
        new Model(manifest as never).validate();
      }
    }
    assert.deepEqual([...seen].sort(), Object.keys(MODELS).sort());
  });

  test('the published schemas reject a Deployment with a wrong type', async () => {
    const [deployment] = await manifestsOf([], COMMAND);
    const wrong = structuredClone(deployment) as unknown as { spec: { replicas: string } };
    wrong.spec.replicas = 'two';
    assert.throws(() => new Deployment(wrong as never).validate(), /replicas/);
  });
});

const WORKLOAD = /^kind: (Deployment|StatefulSet|DaemonSet|Job|CronJob)$/m;

describe('kubectl', { skip }, () => {
  test('kubectl reads every field of the printed workload and loses none', async () => {
    for (const options of OPTION_LISTS) {
      const { stdout } = await runManifest(['--name', 'web', ...options], COMMAND);
      const workload = stdout.split('---\n').find((text) => WORKLOAD.test(text)) ?? '';
      // `set` works on typed objects without a cluster, and drops fields that Kubernetes does not know.
      const run = kubectl(['set', 'image', '--local', '--filename', '-', 'web=kept', '--output', 'yaml'], workload);
      assert.equal(run.status, 0, run.stderr);
      const [printedObject, readObject] = [parse(workload), parse(run.stdout)];
      const { template } = printedObject.spec.jobTemplate?.spec ?? printedObject.spec;
      template.spec.containers[0].image = 'kept';
      assert.partialDeepStrictEqual(readObject, printedObject);
    }
  });

  test('kubectl rejects or drops a field that Kubernetes does not know', async () => {
    const { stdout } = await runManifest(['--name', 'web'], COMMAND);
    const [text = ''] = stdout.split('---\n');
    const wrong = text.replace('maxSurge: 1', 'maxSurge: 1\n      maxUnnavailable: 0');
    const run = kubectl(['set', 'image', '--local', '--filename', '-', 'web=kept', '--output', 'yaml'], wrong);
    assert.ok(run.status !== 0 || !run.stdout.includes('maxUnnavailable'));
  });
});

/** The minor version of the cluster that kubectl reaches, if any. A dry run changes nothing there. */
function clusterMinor(): number {
  const version = spawnSync(KUBECTL, ['version', '--output', 'json', '--request-timeout', '2s'], { encoding: 'utf8' });
  if (version.status !== 0) return 0;
  return Number.parseInt(JSON.parse(version.stdout).serverVersion?.minor ?? '0', 10);
}
const cluster = isRecent && clusterMinor() >= 31;

test('kubectl create --dry-run=client --validate=strict accepts what k8s-run manifest prints', {
  skip: cluster ? false : 'kubectl reads the schemas from a cluster, and reaches none with Kubernetes 1.31 or newer',
}, async () => {
  for (const options of OPTION_LISTS) {
    const { stdout } = await runManifest(
      options.filter((word) => !['--namespace', 'shop', '--pod-monitor'].includes(word)),
      COMMAND,
    );
    const run = spawnSync(KUBECTL, ['create', '--dry-run=client', '--validate=strict', '--filename', '-'], {
      input: stdout,
      encoding: 'utf8',
    });
    assert.equal(run.status, 0, run.stderr);
  }
});

test('k8s-run manifest --helm-values has the names of helm create, and probes the health port by number', async () => {
  const { code, stdout } = await runManifest(
    ['--helm-values', '--image', 'host:5000/team/web:1.2', '--replicas', '3'],
    COMMAND,
  );
  assert.equal(code, 0);
  const values = parse(stdout);
  assert.deepEqual(values.image, { repository: 'host:5000/team/web', tag: '1.2' });
  assert.equal(values.replicaCount, 3);
  // The templates of helm create give the container the port of the Service.
  assert.equal(values.service.port, 8080);
  // They declare no port named health.
  for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'])
    assert.equal(values[probe].httpGet.port, 20080);
  assert.equal(values.terminationGracePeriodSeconds, 30);
});
