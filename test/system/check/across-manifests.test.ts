import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { stringify } from 'yaml';
import type { CheckResult, ReportedFinding } from '../../../src/check/checker.ts';
import { findingsIn } from '../../rig/check-run.ts';
import { finishWords } from '../../rig/finished.ts';
import { manifestOf } from './manifest-builder.ts';

const ofRule = (rule: string, findings: readonly ReportedFinding[]): readonly string[] =>
  findings.filter((each) => each.rule === rule).map(({ object, severity }) => `${severity} ${object}`);

/** The findings in a folder with these files. */
async function findingsOfFiles(files: Readonly<Record<string, string>>): Promise<readonly ReportedFinding[]> {
  const folder = await mkdtemp(join(tmpdir(), 'across-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    const { stdout } = await finishWords(['check', '--format', 'json', folder]);
    return (JSON.parse(stdout) as CheckResult).findings;
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('ports of nodes are compared within a file, because another one may be a variant that is never applied beside it', async () => {
  const agent = (name: string): string =>
    manifestOf(name, { kind: 'DaemonSet', container: { ports: [{ containerPort: 80, hostPort: 8080 }] } });
  const apart = { 'overlays/a/agent.yaml': agent('a'), 'overlays/b/agent.yaml': agent('b'), 'agent.yaml': agent('c') };
  assert.deepEqual(ofRule('host-port', await findingsOfFiles(apart)), []);
  const together = { 'all.yaml': `${agent('a')}---\n${agent('b')}` };
  assert.deepEqual(ofRule('host-port', await findingsOfFiles(together)), ['error DaemonSet b']);
});

test('two Deployments with the same port of a node are noted, because there may be enough nodes', async () => {
  const app = (name: string): string =>
    manifestOf(name, {
      spec: { strategy: { type: 'Recreate' } },
      container: { ports: [{ containerPort: 80, hostPort: 8080 }] },
    });
  assert.deepEqual(ofRule('host-port', await findingsIn(`${app('a')}---\n${app('b')}`)), ['note Deployment b']);
});

test('a port of one node keeps an update from beginning', async () => {
  const container = { ports: [{ containerPort: 80, hostPort: 8080 }] };
  const onOneNode = manifestOf('a', { container, pod: { nodeSelector: { 'kubernetes.io/hostname': 'n1' } } });
  assert.deepEqual(ofRule('host-port', await findingsIn(onOneNode)), ['error Deployment a']);
  assert.deepEqual(ofRule('host-port', await findingsIn(manifestOf('a', { container }))), ['warning Deployment a']);
});

test('an autoscaler gives more pods than replicas says', async () => {
  const spec = { replicas: 1, strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } } };
  const scaler = (kind: string, minReplicas: number): string =>
    stringify({
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'a' },
      spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind, name: 'a' }, minReplicas, maxReplicas: 9 },
    });
  const text = manifestOf('a', { spec });
  assert.deepEqual(ofRule('no-surge', await findingsIn(text)), ['warning Deployment a']);
  assert.deepEqual(ofRule('no-surge', await findingsIn(`${text}---\n${scaler('Deployment', 2)}`)), []);
  assert.deepEqual(ofRule('no-surge', await findingsIn(`${text}---\n${scaler('Deployment', 1)}`)), [
    'note Deployment a',
  ]);
  assert.deepEqual(ofRule('no-surge', await findingsIn(`${text}---\n${scaler('StatefulSet', 2)}`)), [
    'warning Deployment a',
  ]);
  const set = manifestOf('a', { kind: 'StatefulSet', spec: { replicas: 1 } });
  assert.deepEqual(ofRule('single-replica', await findingsIn(set)), ['note StatefulSet a']);
  assert.deepEqual(ofRule('single-replica', await findingsIn(`${set}---\n${scaler('StatefulSet', 2)}`)), []);
});

test('manifests that only kubectl reads are checked and corrected as a whole', async () => {
  const text = `apiVersion: v1
kind: Pod
metadata:
  name: web
  annotations: {note: "goes on
at a lower indentation"}
spec:
  terminationGracePeriodSeconds: 3
  containers: [
  {name: web, command: [k8s-run, --, node, "a
b"], readinessProbe: {httpGet: {path: /ready, port: 20080}, periodSeconds: 2, failureThreshold: 1},
    resources: {limits: {memory: 1Gi}}}
  ]# the only one
`;
  const expected = text.replace('Seconds: 3\n', 'Seconds: 30\n').replace('/ready,', '/readyz,');
  const folder = await mkdtemp(join(tmpdir(), 'lower-'));
  try {
    for (const [name, ends] of [
      ['lf', '\n'],
      ['crlf', '\r\n'],
      ['cr', '\r'],
    ] as const) {
      const file = join(folder, `${name}.yaml`);
      await writeFile(file, text.replaceAll('\n', ends));
      const { stdout } = await finishWords(['check', '--fix', file]);
      assert.match(stdout, /web\.yaml|2 fixed/, stdout);
      assert.equal(await readFile(file, 'utf8'), expected.replaceAll('\n', ends), stdout);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
