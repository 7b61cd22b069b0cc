import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readWorkload, type Workload } from '../../../../src/config/pod-manifest/read.ts';

const folder = mkdtempSync(join(tmpdir(), 'workload-'));
after(() => rmSync(folder, { recursive: true }));

function read(text: string): ReturnType<typeof readWorkload> {
  const path = join(folder, 'manifest.yaml');
  writeFileSync(path, text);
  return readWorkload(path);
}

function workload(text: string): Workload {
  const found = read(text);
  assert.ok('ok' in found, JSON.stringify(found));
  return found.ok;
}

function mistake(text: string): string {
  const found = read(text);
  assert.ok('mistakes' in found);
  assert.ok(found.mistakes.length > 0);
  return found.mistakes.join('\n').replaceAll(folder, '');
}

const CONTAINER = `
      - name: shop
        env:
          - { name: HOST, value: example }
          - { name: URL, value: "http://$(HOST)/$(UNKNOWN)$$(HOST)$$HOME$$$(HOST)" }
          - { name: SECRET, valueFrom: { secretKeyRef: { name: a, key: b } } }
        ports: [{ name: http, containerPort: 8080 }, { containerPort: 9090 }]
        readinessProbe: { httpGet: { path: /ready, port: http }, periodSeconds: 3 }
        livenessProbe: { tcpSocket: { port: 9090 }, failureThreshold: 5 }
        lifecycle: { preStop: { exec: { command: [sh, -c, "sleep 5"] } } }
      - name: proxy
`;
const POD = `apiVersion: v1
kind: Pod
metadata: { name: shop }
spec:
    terminationGracePeriodSeconds: 45
    containers:${CONTAINER}`;

test('what a pod says is read, ports by their names, times in milliseconds', () => {
  const { kind, name, container, ports, probes, terminationGracePeriod, environment, preStop, remarks } = workload(POD);
  assert.deepEqual([kind, name, container, terminationGracePeriod], ['Pod', 'shop', 'shop', 45_000]);
  assert.deepEqual(
    [...ports],
    [
      ['http', 8_080],
      ['9090', 9_090],
    ],
  );
  assert.deepEqual(environment, {
    HOST: 'example',
    URL: 'http://example/$(UNKNOWN)$(HOST)$HOME$example',
  });
  assert.deepEqual(preStop, { kind: 'exec', command: ['sh', '-c', 'sleep 5'] });
  const defaults = { initialDelay: 0, timeout: 1_000, successThreshold: 1 };
  assert.deepEqual(probes.ready?.rule, { ...defaults, period: 3_000, failureThreshold: 3 });
  assert.deepEqual(probes.live?.rule, { ...defaults, period: 10_000, failureThreshold: 5 });
  assert.equal(probes.startup, undefined);
  assert.equal(probes.ready?.spec.kind === 'http' && probes.ready.spec.url.href, 'http://127.0.0.1:8080/ready');
  assert.match(remarks.join('\n'), /only shop is played[\s\S]*SECRET/);
});

test('the first workload among other documents, and in a List, is found', () => {
  const others = 'kind: ConfigMap\ndata: { x: "kind: Pod" }\n---\n# nothing\n---\nkind: Service\n--- # here\n';
  assert.equal(workload(`${others}${POD}`).name, 'shop');
  const list = `kind: List\nitems:\n- kind: Service\n- kind: Deployment\n  spec: { template: { spec: { containers: [{ name: a }] } } }\n`;
  assert.deepEqual([workload(list).kind, workload(list).terminationGracePeriod], ['Deployment', 30_000]);
  assert.equal(workload(JSON.stringify({ kind: 'Pod', spec: { containers: [{ name: 'j' }] } })).container, 'j');
});

test('a sleep and a request as preStop', () => {
  const hook = (stanza: string): Workload['preStop'] =>
    workload(`kind: Pod\nspec:\n  containers:\n  - name: a\n    lifecycle: { preStop: ${stanza} }\n`).preStop;
  assert.deepEqual(hook('{ sleep: { seconds: 5 } }'), { kind: 'sleep', milliseconds: 5_000 });
  assert.equal(hook('{ httpGet: { port: 80, path: /bye } }')?.kind, 'http');
});

test('merge keys are read as kubectl does, and a 0 is what Kubernetes makes of silence', () => {
  const { probes } = workload(`kind: Pod
spec:
  containers:
  - name: a
    readinessProbe: &ready { httpGet: { path: /ready, port: 8080 }, periodSeconds: 0, timeoutSeconds: 0 }
    livenessProbe: { <<: [{ failureThreshold: 7 }, *ready], periodSeconds: 20, initialDelaySeconds: 0 }
    startupProbe: { failureThreshold: 60, <<: *ready, successThreshold: 0 }
`);
  const rule = { initialDelay: 0, period: 10_000, timeout: 1_000, successThreshold: 1, failureThreshold: 3 };
  assert.deepEqual(probes.ready?.rule, rule);
  assert.deepEqual(probes.startup?.rule, { ...rule, failureThreshold: 60 });
  assert.deepEqual(probes.live?.rule, { ...rule, period: 20_000, failureThreshold: 7 });
  assert.equal(probes.startup?.spec.kind === 'http' && probes.startup.spec.url.pathname, '/ready');
});

test('the options of its k8s-run are found, whichever way it is started, and those of another program are not', () => {
  const options = (stanza: string): readonly string[] =>
    workload(`kind: Pod\nspec: { containers: [{ name: a, ${stanza} }] }\n`).options.map(
      ({ key, text }) => `${key} ${text}`,
    );
  assert.deepEqual(options('command: [k8s-run, --grace, 7s, --no-interactive, --, node, --grace]'), [
    'grace 7s',
    'interactive false',
  ]);
  assert.deepEqual(options('command: [tini, --, /opt/k8s-run], args: [--grace=1s, node, x]'), ['grace 1s']);
  assert.deepEqual(options('command: [k8s-run], args: [--grace, $(G)], env: [{ name: G, value: 9s }]'), ['grace 9s']);
  assert.deepEqual(options('command: [sh, -ec, "exec k8s-run --grace 3s -- node x"]'), ['grace 3s']);
  assert.deepEqual(options('args: [--shutdown-delay, "11", --]'), ['shutdownDelay 11']);
  for (const none of [
    'args: [--verbose]',
    'command: [node], args: [--grace, 1s]',
    'command: [k8s-run, probe]',
    'image: x',
  ])
    assert.deepEqual(options(none), [], none);
  assert.match(
    mistake('kind: Pod\nspec:\n  containers:\n  - command: [k8s-run, --graze, 1s, --]\n'),
    /manifest\.yaml:4:5 command: unknown option --graze; did you mean --grace\?/,
  );
});

test('files of the container that are not here are left out, and that is said', () => {
  const { options, environment, remarks } = workload(`kind: Pod
spec:
  containers:
  - command: [k8s-run, --config, /no/such/file, --env-dir, /, --]
    env: [{ name: K8S_RUN_TERMINATION_LOG, value: /no/such/log }, { name: K8S_RUN_GRACE, value: 3s }]
`);
  assert.deepEqual(
    options.map(({ key }) => key),
    ['envDir'],
  );
  assert.deepEqual(environment, { K8S_RUN_GRACE: '3s' });
  assert.match(remarks.join('\n'), /--config \/no\/such\/file is not on this machine[\s\S]*K8S_RUN_TERMINATION_LOG/);
});

test('what is no manifest is said, with its line', () => {
  assert.match(mistake('just: text'), /none of Deployment.*is it a manifest of Kubernetes\?/);
  assert.match(mistake('a: 1\nb: {{ .Values.name }}'), /manifest\.yaml:2: there is templating left.*helm template/);
  const annotated = POD.replace('spec:', 'metadata:\n  annotations: { alert: "{{ $labels.pod }}" }\nspec:');
  assert.ok('ok' in read(annotated), 'it is meant for somebody else');
  assert.match(mistake(annotated.replace('port: http', 'port: {{ .port }}')), /:15: there is templating left/);
  assert.match(mistake('x: 1\n---\nkind: Pod\nspec: [\n'), /manifest\.yaml:\d+:\d+/);
  assert.match(mistake('kind: Pod\nspec: { containers: [] }\n'), /no containers/);
  assert.match(
    mistake(POD.replace('port: http', 'port: htpp')),
    /manifest\.yaml:13:\d+ port "htpp": no port of the container/,
  );
  assert.match(mistake(POD.replace('45', '"soon"')), /terminationGracePeriodSeconds/);
  assert.match(mistake(`${'- '.repeat(200)}kind: Pod`), /manifest\.yaml/);
  assert.match(readWorkloadAt('/no/such/file'), /there is no such file/);
});

test('ten thousand documents are gone through, and the last is found', () => {
  const text = `${'kind: ConfigMap\ndata: { a: b }\n---\n'.repeat(10_000)}${POD}`;
  assert.equal(workload(text).name, 'shop');
  const pods = `kind: Pod\nmetadata: {}\n---\n`.repeat(10_000);
  assert.match(mistake(pods), /none of Deployment/);
});

function readWorkloadAt(path: string): string {
  const found = readWorkload(path);
  assert.ok('mistakes' in found);
  return found.mistakes.join();
}
