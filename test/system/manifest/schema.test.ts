import assert from 'node:assert/strict';
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { Service } from 'kubernetes-models/v1/Service';
import { parse } from 'yaml';
import { manifestsOf, runManifest } from './manifest-run.ts';

const MODELS = { Deployment, PodDisruptionBudget, ConfigMap, Service } as const;

/** Options whose manifests together use every feature of the command. */
const OPTION_LISTS: readonly (readonly string[])[] = [
  [],
  ['--namespace', 'shop', '--replicas', '5', '--cpu', '1', '--memory', '1Gi'],
  ['--ready', 'grpc://:50051', '--grace', '90s', '--wait-for', 'exec:a,b'],
  ['--ready', 'process', '--replicas', '1', '--entrypoint', '/opt/k8s-run/bin/k8s-run'],
  ['--health-host', '127.0.0.1', '--config', 'examples/config-file/k8s-run.yaml'],
];
const COMMAND = ['node', 'server.js', '--db-password=x', 'on'];

describe('the published schemas of Kubernetes and k8s-run manifest', () => {
  test('the objects that k8s-run manifest prints are valid by the published schemas', async () => {
    for (const options of OPTION_LISTS) {
      for (const manifest of await manifestsOf(options, COMMAND)) {
        const Model = MODELS[manifest.kind as keyof typeof MODELS];
        assert.ok(Model, manifest.kind);
        new Model(manifest as never).validate();
      }
    }
  });

  test('the published schemas reject a Deployment with a wrong type', async () => {
    const [deployment] = await manifestsOf([], COMMAND);
    const wrong = structuredClone(deployment) as unknown as { spec: { replicas: string } };
    wrong.spec.replicas = 'two';
    assert.throws(() => new Deployment(wrong as never).validate(), /replicas/);
  });
});

const KUBECTL = process.env['KUBECTL'] ?? 'kubectl';

function kubectl(words: readonly string[], input = ''): SpawnSyncReturns<string> {
  const path = process.env['PATH'];
  return spawnSync(KUBECTL, words, {
    input,
    encoding: 'utf8',
    env: { PATH: path, KUBECONFIG: '/dev/null', HOME: '/nonexistent' },
  });
}

/** 31 for v1.31.2; 0 without kubectl. */
function minorVersion(): number {
  const version = kubectl(['version', '--client', '--output', 'json']);
  if (version.status !== 0) return 0;
  return Number.parseInt(JSON.parse(version.stdout).clientVersion.minor, 10);
}

// kubectl knows the fields of its own version: `unhealthyPodEvictionPolicy` came with 1.26, `matchLabelKeys` with 1.25.
const isRecent = minorVersion() >= 27;
const skip = isRecent ? false : 'no kubectl 1.27 or newer is on the PATH or named by KUBECTL';

describe('kubectl', { skip }, () => {
  test('kubectl reads every field of the printed Deployment and loses none', async () => {
    for (const options of OPTION_LISTS) {
      const { stdout } = await runManifest(['--name', 'web', ...options], COMMAND);
      const deployment = stdout.split('---\n').find((text) => /^kind: Deployment$/m.test(text)) ?? '';
      // `set` works on typed objects without a cluster, and drops fields that Kubernetes does not know.
      const run = kubectl(['set', 'image', '--local', '--filename', '-', 'web=kept', '--output', 'yaml'], deployment);
      assert.equal(run.status, 0, run.stderr);
      const [printedObject, readObject] = [parse(deployment), parse(run.stdout)];
      printedObject.spec.template.spec.containers[0].image = 'kept';
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

  test('kubectl kustomize applies the printed kustomization to an existing Deployment', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kustomize-'));
    try {
      const { stdout } = await runManifest(['--kustomize', '--name', 'web', '--grace', '40s'], COMMAND);
      await writeFile(join(folder, 'kustomization.yaml'), stdout);
      await writeFile(join(folder, 'deployment.yaml'), EXISTING_DEPLOYMENT);
      const run = kubectl(['kustomize', folder]);
      assert.equal(run.status, 0, run.stderr);
      const { spec } = parse(run.stdout).spec.template;
      assert.equal(spec.terminationGracePeriodSeconds, 50);
      assert.deepEqual([spec.containers.length, spec.containers[0].image], [1, 'existing:1']);
      const [container] = spec.containers;
      // The existing Deployment had other probes, and started the app without k8s-run.
      assert.deepEqual(
        [container.command, container.args[0], container.readinessProbe, container.livenessProbe],
        [
          undefined,
          COMMAND[0],
          { httpGet: { path: '/readyz', port: 'health' }, periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 1 },
          { httpGet: { path: '/livez', port: 'health' }, periodSeconds: 10, timeoutSeconds: 2, failureThreshold: 3 },
        ],
      );
      assert.deepEqual(
        spec.containers[0].ports.map(({ containerPort }: { containerPort: number }) => containerPort).sort(),
        [20080, 3000, 8080],
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

const EXISTING_DEPLOYMENT = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: web
          image: "existing:1"
          command: [node]
          args: [old.js]
          ports: [{ containerPort: 3000 }]
          readinessProbe: { tcpSocket: { port: 3000 }, initialDelaySeconds: 9 }
          livenessProbe: { httpGet: { path: /, port: 3000, scheme: HTTPS }, successThreshold: 1 }
`;

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
      options.filter((word) => word !== '--namespace' && word !== 'shop'),
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
  // The templates of helm create declare no port named health.
  for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'])
    assert.equal(values[probe].httpGet.port, 20080);
  assert.equal(values.terminationGracePeriodSeconds, 30);
});
