import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { found, service, workload } from './checked.ts';

const deployment = (rollingUpdate: object, spec: object = {}): object =>
  workload('Deployment', { strategy: { rollingUpdate }, ...spec });
const daemonSet = (rollingUpdate: object): object => workload('DaemonSet', { updateStrategy: { rollingUpdate } });
const statefulSet = (updateStrategy: object): object => workload('StatefulSet', { updateStrategy });
const port = (containerPort: number): object => workload('Deployment', {}, {}, { ports: [{ containerPort }] });
const job = (pod: object): object => workload('Job', {}, pod);

describe('values that the API server rejects', () => {
  const cases: readonly (readonly [what: string, object: object, reason: string])[] = [
    [
      'no pod more and no pod less',
      deployment({ maxSurge: 0, maxUnavailable: 0 }),
      'maxUnavailable of web, because it and maxSurge are 0, so no pod could be replaced',
    ],
    [
      'the same in percent',
      deployment({ maxSurge: '0%', maxUnavailable: '0%' }),
      'maxUnavailable of web, because it and maxSurge are 0, so no pod could be replaced',
    ],
    [
      'Recreate and numbers of a rolling update',
      workload('Deployment', { strategy: { type: 'Recreate', rollingUpdate: {} } }),
      'rollingUpdate of web, because the type of the update is Recreate',
    ],
    [
      'more than all pods',
      deployment({ maxUnavailable: '101%' }),
      'maxUnavailable of web, because it is more than 100%',
    ],
    ['fewer than no pods', deployment({ maxSurge: -1 }), 'maxSurge of web, because it is negative'],
    [
      'a deadline before a pod is available',
      workload('Deployment', { minReadySeconds: 60, progressDeadlineSeconds: 60 }),
      'progressDeadlineSeconds of web, because it is 60, which is not more than minReadySeconds (60)',
    ],
    [
      'the default deadline before a pod is available',
      workload('Deployment', { minReadySeconds: 600 }),
      'progressDeadlineSeconds of web, because it is 600 by default, which is not more than minReadySeconds (600)',
    ],
    [
      'a deadline of 0',
      workload('Deployment', { progressDeadlineSeconds: 0 }),
      'progressDeadlineSeconds of web, because it is 0, which is not more than minReadySeconds (0)',
    ],
    ['negative replicas', workload('ReplicaSet', { replicas: -1 }), 'replicas of web, because it is negative'],
    [
      'maxSurge of a DaemonSet beside the default',
      daemonSet({ maxSurge: 1 }),
      'maxSurge of web, because maxUnavailable is 1 by default, and one of the two must be 0',
    ],
    [
      'maxSurge and maxUnavailable of a DaemonSet',
      daemonSet({ maxSurge: '10%', maxUnavailable: '10%' }),
      'maxSurge of web, because maxUnavailable is 10%, and one of the two must be 0',
    ],
    [
      'neither of them',
      daemonSet({ maxUnavailable: 0 }),
      'maxUnavailable of web, because it is 0, and maxSurge is 0 by default, so no pod could be replaced',
    ],
    [
      'OnDelete and a partition',
      statefulSet({ type: 'OnDelete', rollingUpdate: { partition: 1 } }),
      'rollingUpdate of web, because the type of the update is OnDelete',
    ],
    [
      'no pod less in a StatefulSet',
      statefulSet({ rollingUpdate: { maxUnavailable: '0%' } }),
      'maxUnavailable of web, because it is 0, so no pod could be replaced',
    ],
    ['port 0', port(0), 'containerPort of web, because it is 0, and ports go from 1 to 65535'],
    ['port 65536', port(65_536), 'containerPort of web, because it is 65536, and ports go from 1 to 65535'],
    [
      'a targetPort out of range',
      service({ ports: [{ port: 80, targetPort: 80_800 }] }),
      'targetPort, because it is 80800, and ports go from 1 to 65535',
    ],
    [
      'a Deployment whose pods end',
      workload('Deployment', {}, { restartPolicy: 'Never' }),
      'restartPolicy of web, because it is Never, and a Deployment has only Always',
    ],
    [
      'a Job without a restartPolicy',
      job({}),
      'restartPolicy of web, because it is Always by default, and the pods of a Job must end',
    ],
  ];
  for (const [what, object, reason] of cases)
    test(what, () => {
      assert.deepEqual(
        found('invalid-value', [object]).map((each) => [each.severity, each.reason]),
        [['error', `The API server rejects ${reason}`]],
      );
    });
});

test('an old version, which drops maxSurge of a DaemonSet, rejects maxUnavailable 0 whatever stands beside it', () => {
  const reason = 'The API server rejects maxUnavailable of web, because it is 0, so no pod could be replaced';
  const seen = (numbers: object) =>
    found('invalid-value', [daemonSet(numbers)], 20).map((each) => [each.reason, each.fix, each.fixable]);
  assert.deepEqual(seen({ maxUnavailable: 0 }), [[reason, 'maxUnavailable: 1', true]]);
  // Of both a newer version would reject the fix.
  assert.deepEqual(seen({ maxSurge: 1, maxUnavailable: 0 }), [[reason, 'maxUnavailable: 1, without maxSurge', true]]);
});

describe('values that the API server takes', () => {
  const cases: readonly (readonly [what: string, object: object, kubernetes?: number])[] = [
    ['1% of one pod', deployment({ maxSurge: 0, maxUnavailable: '1%' })],
    ['maxUnavailable 0 beside the default', deployment({ maxUnavailable: 0 })],
    ['maxSurge 0 beside the default', deployment({ maxSurge: 0 })],
    ['twice as many pods', deployment({ maxSurge: '200%', maxUnavailable: '100%' })],
    [
      'Recreate, and nothing for a rolling update',
      workload('Deployment', { strategy: { type: 'Recreate', rollingUpdate: null } }),
    ],
    ['a deadline one second later', workload('Deployment', { minReadySeconds: 60, progressDeadlineSeconds: 61 })],
    ['minReadySeconds of a StatefulSet', workload('StatefulSet', { minReadySeconds: 3600 })],
    ['maxSurge of a DaemonSet alone', daemonSet({ maxSurge: 1, maxUnavailable: 0 })],
    ['maxSurge of a DaemonSet, which an old version drops', daemonSet({ maxSurge: 1 }), 20],
    [
      'maxUnavailable of a StatefulSet, which an old version drops',
      statefulSet({ rollingUpdate: { maxUnavailable: 0 } }),
      34,
    ],
    [
      'OnDelete of a DaemonSet, whose numbers wait',
      workload('DaemonSet', { updateStrategy: { type: 'OnDelete', rollingUpdate: {} } }),
    ],
    ['port 65535', port(65_535)],
    ['hostPort 0', workload('Deployment', {}, {}, { ports: [{ containerPort: 1, hostPort: 0 }] })],
    ['a negative terminationGracePeriodSeconds', workload('Deployment', {}, { terminationGracePeriodSeconds: -5 })],
    ['a Job that ends', job({ restartPolicy: 'OnFailure' })],
    ['a value of another project', { ...daemonSet({ maxSurge: 1 }), apiVersion: 'apps.kruise.io/v1alpha1' }],
  ];
  for (const [what, object, kubernetes] of cases)
    test(what, () => assert.deepEqual(found('invalid-value', [object], kubernetes), []));
});

test('a negative terminationGracePeriodSeconds is 1 s', () => {
  const ports = [{ containerPort: 8080 }];
  const [finding] = found('grace-period-too-short', [
    workload('Deployment', {}, { terminationGracePeriodSeconds: -5 }, { ports }),
  ]);
  assert.equal(finding?.severity, 'warning');
  assert.match(finding.reason, /^The pod has 1 s, because Kubernetes takes -5 s for that/);
});
