import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resourceOf } from '../../../src/otlp/resource.ts';

test('the pod is named by the downward API, and by the user before that', () => {
  const environment = { POD_NAME: 'web-1', MY_POD_NAMESPACE: 'shop', K8S_CONTAINER_NAME: 'app', NODE_NAME: '' };
  const { 'host.name': host, ...found } = resourceOf(new Map(), environment, 'node');
  assert.ok(host);
  assert.deepEqual(found, {
    'service.name': 'node',
    'service.instance.id': 'shop.web-1.app',
    'k8s.pod.name': 'web-1',
    'k8s.namespace.name': 'shop',
    'k8s.container.name': 'app',
  });
  const given = new Map([
    ['k8s.pod.name', 'mine'],
    ['service.instance.id', 'one'],
    ['host.name', 'here'],
  ]);
  const chosen = resourceOf(given, environment, 'node');
  assert.deepEqual(
    [chosen['k8s.pod.name'], chosen['service.instance.id'], chosen['host.name']],
    ['mine', 'one', 'here'],
  );
});

test('outside of a pod the names mean nothing, and the id is any', () => {
  const first = resourceOf(new Map(), { CONTAINER_NAME: 'x', NODE_NAME: 'y' }, 'sh');
  assert.deepEqual(Object.keys(first).sort(), ['host.name', 'service.instance.id', 'service.name']);
  assert.match(
    first['service.instance.id'] ?? '',
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  assert.notEqual(resourceOf(new Map(), {}, 'sh')['service.instance.id'], first['service.instance.id']);
});
