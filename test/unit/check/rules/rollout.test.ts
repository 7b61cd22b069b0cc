import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { found, service, workload } from './checked.ts';

const PORT = { ports: [{ containerPort: 8080 }] };
const READY = { readinessProbe: { exec: { command: ['/ready'] } } };
const UNKNOWN = /requests are lost if a Service that was not checked selects its pods$/;

describe('an update that stops all pods', () => {
  const recreated = (container: object): object =>
    workload('Deployment', { strategy: { type: 'Recreate' } }, {}, container);
  const emptied = (container: object): object =>
    workload('Deployment', { replicas: 2, strategy: { rollingUpdate: { maxUnavailable: '100%' } } }, {}, container);
  for (const [what, update] of [
    ['Recreate', recreated],
    ['maxUnavailable 100%', emptied],
  ] as const) {
    test(`${what} is an error where a Service selects the pods`, () => {
      const [finding] = found('no-surge', [update(PORT), service()]);
      assert.equal(finding?.severity, 'error');
      assert.doesNotMatch(finding.reason, UNKNOWN);
    });
    test(`${what} is a warning where they only have a port`, () => {
      const [finding] = found('no-surge', [update(PORT)]);
      assert.equal(finding?.severity, 'warning');
      assert.match(finding.reason, UNKNOWN);
    });
    test(`${what} is a note where they only have a readinessProbe`, () => {
      const [finding] = found('no-surge', [update(READY)]);
      assert.equal(finding?.severity, 'note');
      assert.match(finding.reason, UNKNOWN);
    });
    test(`${what} is nothing where they have neither`, () => {
      assert.deepEqual(found('no-surge', [update({})]), []);
    });
  }
});

describe('a volume that not every pod may mount', () => {
  const claim = (...accessModes: readonly string[]): object => ({
    ...{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data' } },
    spec: { accessModes, resources: { requests: { storage: '1Gi' } } },
  });
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
  const store = (spec: object = {}, pod: object = {}, kind = 'Deployment'): object =>
    workload(kind, spec, { volumes, ...pod });
  const severities = (...objects: readonly object[]): readonly string[] =>
    found('exclusive-volume', objects).map(({ severity }) => severity);
  const onOneNode = { nodeSelector: { 'kubernetes.io/hostname': 'a' } };

  test('one pod: the new pod waits for ever, wherever it is', () => {
    assert.deepEqual(severities(store(), claim('ReadWriteOncePod')), ['error']);
    assert.deepEqual(severities(store({}, onOneNode), claim('ReadWriteOncePod')), ['error']);
  });

  test('one node: it waits where it is on another node', () => {
    assert.deepEqual(severities(store(), claim('ReadWriteOnce')), ['warning']);
    assert.deepEqual(severities(claim('ReadWriteOnce'), store()), ['warning']);
    assert.deepEqual(severities(store({}, onOneNode), claim('ReadWriteOnce')), []);
  });

  test('one pod: of several replicas one starts, whatever the strategy', () => {
    const spec = { replicas: 2, strategy: { type: 'Recreate' } };
    assert.deepEqual(severities(store(spec), claim('ReadWriteOncePod')), ['error']);
    assert.deepEqual(severities(store({ replicas: 2 }, {}, 'StatefulSet'), claim('ReadWriteOncePod')), ['error']);
    assert.deepEqual(severities(store({ replicas: 0 }), claim('ReadWriteOncePod')), []);
  });

  test('nothing where the old pod is stopped first', () => {
    for (const strategy of [{ type: 'Recreate' }, { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } }])
      assert.deepEqual(severities(store({ strategy }), claim('ReadWriteOncePod')), []);
    assert.deepEqual(severities(store({}, {}, 'StatefulSet'), claim('ReadWriteOncePod')), []);
  });

  test('nothing where many may mount it, and where no checked manifest has the claim', () => {
    assert.deepEqual(severities(store(), claim('ReadWriteMany')), []);
    assert.deepEqual(severities(store(), claim('ReadWriteOnce', 'ReadOnlyMany')), []);
    assert.deepEqual(severities(store()), []);
  });

  test('Recreate is needed for a volume of one node, and not for one that many may mount', () => {
    const recreated = workload('Deployment', { strategy: { type: 'Recreate' } }, { volumes }, PORT);
    assert.deepEqual(found('no-surge', [recreated, service(), claim('ReadWriteOnce')]), []);
    assert.deepEqual(found('no-surge', [recreated, service()]), []);
    assert.equal(found('no-surge', [recreated, service(), claim('ReadWriteMany')]).length, 1);
  });
});
