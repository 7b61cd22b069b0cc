import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { PodManifest } from '../../../../src/config/pod-manifest/pod.ts';
import { readPodManifest } from '../../../../src/config/pod-manifest/read.ts';

const folder = mkdtempSync(join(tmpdir(), 'pod-manifest-'));
after(() => rmSync(folder, { recursive: true }));

function read(text: string): ReturnType<typeof readPodManifest> {
  const path = join(folder, 'manifest.yaml');
  writeFileSync(path, text);
  return readPodManifest(path);
}

function podManifest(text: string): PodManifest {
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

test('a pod manifest is read with ports by name and times in milliseconds', () => {
  const { kind, name, container, ports, probes, terminationGracePeriod, environment, preStop, remarks } =
    podManifest(POD);
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
  assert.match(remarks.join('\n'), /only container shop is rehearsed[\s\S]*SECRET/);
});

test('the first workload of a manifest is found among other documents and in a List', () => {
  const others = 'kind: ConfigMap\ndata: { x: "kind: Pod" }\n---\n# nothing\n---\nkind: Service\n--- # here\n';
  assert.equal(podManifest(`${others}${POD}`).name, 'shop');
  const list = `kind: List\nitems:\n- kind: Service\n- kind: Deployment\n  spec: { template: { spec: { containers: [{ name: a }] } } }\n`;
  assert.deepEqual([podManifest(list).kind, podManifest(list).terminationGracePeriod], ['Deployment', 30_000]);
  assert.equal(podManifest(JSON.stringify({ kind: 'Pod', spec: { containers: [{ name: 'j' }] } })).container, 'j');
});

test('a preStop hook that Kubernetes does not support is left out, with a remark', () => {
  const hook = (stanza: string): PodManifest =>
    podManifest(`kind: Pod\nspec:\n  containers:\n  - name: a\n    lifecycle: { preStop: ${stanza} }\n`);
  const tcp = hook('{ tcpSocket: { port: 80 } }');
  assert.equal(tcp.preStop, null);
  assert.match(tcp.remarks.join(), /preStop\.tcpSocket is not rehearsed, because Kubernetes .* fails it at runtime/);
  assert.match(hook('{ grpc: { port: 80 } }').remarks.join(), /preStop\.grpc is not rehearsed/);
  assert.deepEqual(hook('{ httpGet: { port: 80 } }').remarks, []);
});

test('a preStop hook of a manifest may be a sleep or an HTTP request', () => {
  const hook = (stanza: string): PodManifest['preStop'] =>
    podManifest(`kind: Pod\nspec:\n  containers:\n  - name: a\n    lifecycle: { preStop: ${stanza} }\n`).preStop;
  assert.deepEqual(hook('{ sleep: { seconds: 5 } }'), { kind: 'sleep', milliseconds: 5_000 });
  assert.equal(hook('{ httpGet: { port: 80, path: /bye } }')?.kind, 'http');
});

test('probes of a manifest may use merge keys, and a 0 means the default, as in Kubernetes', () => {
  const { probes } = podManifest(`kind: Pod
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

test('the options of k8s-run in a container are found however it is started, and those of other programs are not', () => {
  const options = (stanza: string): readonly string[] =>
    podManifest(`kind: Pod\nspec: { containers: [{ name: a, ${stanza} }] }\n`).options.map(
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

test('options that name a file missing on this machine are left out, with a remark', () => {
  const { options, environment, remarks } = podManifest(`kind: Pod
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
  assert.match(remarks.join('\n'), /--config \/no\/such\/file was left out[\s\S]*K8S_RUN_TERMINATION_LOG/);
});

test('a file that is not a valid manifest is rejected with the line', () => {
  assert.match(mistake('just: text'), /it has none of Deployment.*give a Kubernetes manifest/);
  assert.match(mistake('a: 1\nb: {{ .Values.name }}'), /manifest\.yaml:2: a template is not rendered.*helm template/);
  const annotated = POD.replace('spec:', 'metadata:\n  annotations: { alert: "{{ $labels.pod }}" }\nspec:');
  assert.ok('ok' in read(annotated), 'a template in an annotation is allowed');
  assert.match(mistake(annotated.replace('port: http', 'port: {{ .port }}')), /:15: a template is not rendered/);
  assert.match(mistake('x: 1\n---\nkind: Pod\nspec: [\n'), /manifest\.yaml:\d+:\d+/);
  assert.match(mistake('kind: Pod\nspec: { containers: [] }\n'), /its pod has no containers/);
  assert.match(
    mistake(POD.replace('port: http', 'port: htpp')),
    /manifest\.yaml:13:\d+ \S+\.port "htpp": no port has this name; did you mean http/,
  );
  assert.match(mistake(POD.replace('45', '"soon"')), /terminationGracePeriodSeconds/);
  assert.match(mistake(`${'- '.repeat(200)}kind: Pod`), /manifest\.yaml/);
  assert.match(mistakeAt('/no/such/file'), /no such file/);
});

test('a workload is found behind ten thousand documents of other kinds', () => {
  const text = `${'kind: ConfigMap\ndata: { a: b }\n---\n'.repeat(10_000)}${POD}`;
  assert.equal(podManifest(text).name, 'shop');
  const pods = `kind: Pod\nmetadata: {}\n---\n`.repeat(10_000);
  assert.match(mistake(pods), /none of Deployment/);
});

function mistakeAt(path: string): string {
  const found = readPodManifest(path);
  assert.ok('mistakes' in found);
  return found.mistakes.join();
}
