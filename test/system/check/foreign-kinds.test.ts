import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stringify } from 'yaml';
import { checkResultOf, findingsIn } from '../../rig/check-run.ts';

const TEMPLATE = {
  metadata: { labels: { app: 'a' } },
  spec: {
    containers: [{ name: 'web', image: 'x', ports: [{ containerPort: 80 }], resources: { limits: { memory: '1Gi' } } }],
  },
};

function objectOf(apiVersion: string, kind: string, spec: object): string {
  return stringify({ apiVersion, kind, metadata: { name: 'web' }, spec });
}

const TASK_TEMPLATE = { spec: { template: TEMPLATE } };

describe('workloads of other projects', () => {
  for (const [apiVersion, kind, spec, isTask] of [
    ['argoproj.io/v1alpha1', 'Rollout', { template: TEMPLATE }, false],
    ['apps.openshift.io/v1', 'DeploymentConfig', { template: TEMPLATE }, false],
    ['apps.kruise.io/v1alpha1', 'CloneSet', { template: TEMPLATE }, false],
    ['apps.kruise.io/v1beta1', 'StatefulSet', { replicas: 2, template: TEMPLATE }, false],
    ['apps.kruise.io/v1alpha1', 'DaemonSet', { template: TEMPLATE }, false],
    ['apps.kruise.io/v1alpha1', 'UnitedDeployment', { template: { cloneSetTemplate: TASK_TEMPLATE } }, false],
    ['apps.kruise.io/v1alpha1', 'BroadcastJob', { template: TEMPLATE }, true],
    ['apps.kruise.io/v1alpha1', 'AdvancedCronJob', { template: { jobTemplate: TASK_TEMPLATE } }, true],
    ['keda.sh/v1alpha1', 'ScaledJob', { jobTargetRef: { template: TEMPLATE } }, true],
    ['apps/v1', 'Deployment', { selector: { matchLabels: { app: 'a' } }, template: TEMPLATE }, false],
    ['batch/v1', 'CronJob', { jobTemplate: TASK_TEMPLATE }, true],
  ] as const) {
    test(`${kind} of ${apiVersion} is a workload${isTask ? ' without clients' : ''}`, async () => {
      const { workloads, findings } = await checkResultOf(objectOf(apiVersion, kind, spec));
      assert.equal(workloads, 1);
      const rules = findings.map(({ rule }) => rule);
      assert.equal(rules.includes('no-readiness-probe'), !isTask);
      assert.ok(findings.every(({ object }) => object === `${kind} web`));
    });
  }

  test('a Knative Service has a grace period of its own and a readinessProbe by default', async () => {
    const container = { ...TEMPLATE.spec.containers[0], command: ['k8s-run', '--grace', '200s', '--', 'node'] };
    const knative = (pod: object): string =>
      objectOf('serving.knative.dev/v1', 'Service', { template: { spec: { ...pod, containers: [container] } } });
    assert.deepEqual(
      (await findingsIn(knative({}))).filter(({ severity }) => severity !== 'note'),
      [],
    );
    const [short] = (await findingsIn(knative({ timeoutSeconds: 60 }))).filter(({ severity }) => severity !== 'note');
    assert.deepEqual([short?.rule, /^timeoutSeconds: 210/.test(short?.fix ?? '')], ['grace-period-too-short', true]);
  });

  test('kinds of other groups are not matched by their names', async () => {
    for (const [apiVersion, kind, spec] of [
      ['example.com/v1', 'Deployment', { size: 3 }],
      ['example.com/v1', 'Job', { containers: 'none' }],
      ['v1', 'Service', { selector: { app: 'a' } }],
      ['apps.example.com/v1', 'Rollout', { template: 'x' }],
      ['argoproj.io/v1alpha1', 'Rollout', { workloadRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } }],
      ['monitoring.coreos.com/v1', 'Prometheus', { containers: [{ name: 'sidecar', image: 'x' }] }],
    ] as const) {
      const { workloads, findings } = await checkResultOf(objectOf(apiVersion, kind, spec));
      const ofWorkloads = findings.filter(({ rule }) => rule !== 'service-selector');
      assert.deepEqual([workloads, ofWorkloads], [0, []], `${kind} of ${apiVersion}`);
    }
  });

  test('a kind with a pod template that is not known is said once', async () => {
    const cluster = objectOf('ray.example.com/v1', 'Cluster', { groups: [{ template: TEMPLATE }] });
    const other = objectOf('ray.example.com/v1', 'Service', { template: TEMPLATE });
    const text = [cluster, cluster.replace('web', 'web2'), other, cluster.replace('web', 'web3')].join('---\n');
    const { workloads, findings } = await checkResultOf(text);
    assert.equal(workloads, 0);
    assert.deepEqual(
      findings.map(({ rule, severity, object, reason }) => [rule, severity, object, reason.split(',')[0]]),
      [
        ['unknown-kind', 'note', 'Cluster web', 'No Cluster of ray.example.com was checked'],
        ['unknown-kind', 'note', 'Service web', 'No Service of ray.example.com was checked'],
      ],
    );
  });
});
