import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { ReportedFinding } from '../../../src/check/checker.ts';
import { checkText, findingsIn } from '../../rig/check-run.ts';
import { finishWords } from '../../rig/finished.ts';
import { BIN } from '../../rig/supervised.ts';
import { env, k8sRun, manifestOf, sleep, WITHOUT_K8S_RUN } from './manifest-builder.ts';

const APP = manifestOf('web', { container: WITHOUT_K8S_RUN });
const SERVICE =
  'apiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec: { selector: { app: web }, ports: [{ port: 80, targetPort: http }] }\n';
const OPTIONS =
  'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: options }\ndata: { K8S_RUN_GRACE: 90s, K8S_RUN_GRAZE: 1s }\n';

const rulesOf = (findings: readonly ReportedFinding[], rule: string): readonly string[] =>
  findings.filter((each) => each.rule === rule).map(({ object }) => object);

describe('manifests of one run belong together', () => {
  test('the order of a Service and its pods makes no difference', async () => {
    for (const text of [`${APP}---\n${SERVICE}`, `${SERVICE}---\n${APP}`])
      assert.deepEqual(rulesOf(await findingsIn(text), 'signal-races-endpoints'), ['Deployment web'], text);
    assert.deepEqual(rulesOf(await findingsIn(APP), 'signal-races-endpoints'), []);
  });

  test('files and folders that are named together are read before one of them is checked', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'check-'));
    try {
      await writeFile(join(folder, 'a.yaml'), APP);
      await writeFile(join(folder, 'b.yaml'), SERVICE);
      for (const words of [
        [folder],
        [join(folder, 'b.yaml'), join(folder, 'a.yaml')],
        [folder, join(folder, 'b.yaml')],
      ]) {
        const { stdout } = await finishWords(['check', '--format', 'json', ...words]);
        const findings: readonly ReportedFinding[] = JSON.parse(stdout).findings;
        assert.deepEqual(rulesOf(findings, 'signal-races-endpoints'), ['Deployment web'], words.join(' '));
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('a pipe that is named as a file is read once', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'check-'));
    try {
      const file = join(folder, 'a.yaml');
      await writeFile(file, `${APP}---\n${SERVICE}`);
      const script = 'cat "$1" | "$2" "$3" check --format json /dev/stdin';
      const { stdout } = spawnSync('sh', ['-c', script, 'sh', file, process.execPath, BIN], { encoding: 'utf8' });
      assert.deepEqual(rulesOf(JSON.parse(stdout).findings, 'signal-races-endpoints'), ['Deployment web']);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('a preStop hook, k8s-run, or another pod that does not take over: no race', async () => {
    for (const change of [
      { container: { ...WITHOUT_K8S_RUN, lifecycle: sleep(5) } },
      { container: { ...WITHOUT_K8S_RUN, env: [{ name: 'SHUTDOWN_DELAY', value: '5' }] } },
      { container: { ...WITHOUT_K8S_RUN, command: ['server', '--shutdown-delay-duration=5s'] } },
      { container: WITHOUT_K8S_RUN, spec: { strategy: { type: 'Recreate' } } },
      { container: WITHOUT_K8S_RUN, spec: { replicas: 0 } },
      {},
    ]) {
      const findings = await findingsIn(`${manifestOf('web', change)}---\n${SERVICE}`);
      assert.deepEqual(rulesOf(findings, 'signal-races-endpoints'), [], JSON.stringify(change));
    }
  });

  test('the options of a ConfigMap in envFrom are read, whether it comes before or after', async () => {
    const from = [{ configMapRef: { name: 'options' } }];
    const app = manifestOf('web', { container: { envFrom: from } });
    for (const text of [`${app}---\n${OPTIONS}`, `${OPTIONS}---\n${app}`]) {
      const rules = (await findingsIn(text)).map(({ rule }) => rule).sort();
      assert.deepEqual(rules, ['grace-period-too-short', 'unknown-variable'], text);
    }
    // env wins over envFrom, and an option over both.
    const own = manifestOf('web', { container: { envFrom: from, ...env('K8S_RUN_GRACE', '10s') } });
    assert.deepEqual(rulesOf(await findingsIn(`${own}---\n${OPTIONS}`), 'grace-period-too-short'), []);
    const flag = manifestOf('web', { container: { envFrom: from, command: k8sRun('--grace', '10s') } });
    assert.deepEqual(rulesOf(await findingsIn(`${flag}---\n${OPTIONS}`), 'grace-period-too-short'), []);
    const key = manifestOf('web', {
      container: {
        env: [{ name: 'K8S_RUN_GRACE', valueFrom: { configMapKeyRef: { name: 'options', key: 'K8S_RUN_GRACE' } } }],
      },
    });
    assert.deepEqual(rulesOf(await findingsIn(`${key}---\n${OPTIONS}`), 'grace-period-too-short'), ['Deployment web']);
  });

  test('what the generators of a kustomization.yaml make is read, and what it cannot read is said once', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'check-'));
    try {
      const envFrom = [{ configMapRef: { name: 'options' } }, { secretRef: { name: 'secret' } }];
      for (const name of ['web', 'api'])
        await writeFile(join(folder, `${name}.yaml`), manifestOf(name, { container: { envFrom } }));
      await writeFile(join(folder, 'options.env'), 'K8S_RUN_GRACE=90s\n');
      const check = async (kustomization: string): Promise<readonly ReportedFinding[]> => {
        await writeFile(join(folder, 'kustomization.yaml'), kustomization);
        const { stdout } = await finishWords(['check', '--format', 'json', folder]);
        return JSON.parse(stdout).findings;
      };
      const generators = (envs: string): string =>
        `resources: [web.yaml, api.yaml]\nconfigMapGenerator: [{ name: options, envs: [${envs}] }]\nsecretGenerator: [{ name: secret, literals: [K8S_RUN_LIVE=tcp//hidden] }]\n`;
      const read = await check(generators('options.env'));
      assert.deepEqual(rulesOf(read, 'options-not-in-manifest'), []);
      // With a mistake in the options the time of the shutdown is not known.
      assert.deepEqual(rulesOf(read, 'invalid-option'), ['Deployment api', 'Deployment web']);
      assert.ok(!JSON.stringify(read).includes('hidden'));
      const sound = await check(generators('options.env').replace('tcp//hidden', 'process'));
      assert.deepEqual(rulesOf(sound, 'grace-period-too-short'), ['Deployment api', 'Deployment web']);
      const unread = await check(generators('made-in-ci.env'));
      assert.deepEqual(rulesOf(unread, 'unread-generator').length, 1);
      assert.deepEqual(rulesOf(unread, 'not-kubernetes'), []);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('--fix removes replicas that an autoscaler sets, and keeps the rest', async () => {
    const scaler =
      'apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: { name: web }\nspec: { maxReplicas: 9, scaleTargetRef: { kind: Deployment, name: web } }\n';
    const text = `${manifestOf('web', {})}---\n${scaler}`;
    const { stdout } = await checkText(text, ['--fix']);
    assert.equal(stdout, text.replace('  replicas: 2\n', ''));
  });

  test('a version that is none is a mistake of the command line', async () => {
    const run = await finishWords(['check', '--kubernetes-version', 'latest', 'x.yaml']);
    assert.equal(run.code, 64);
    assert.match(run.stderr, /cannot use --kubernetes-version "latest": must be a version such as 1\.30/);
  });

  test('each version that is written as Kubernetes writes it is understood', async () => {
    const text = await readFile(new URL('../../check/corpus/newer-field/found.yaml', import.meta.url), 'utf8');
    for (const [version, count] of [
      ['1.28', 2],
      ['v1.28.3', 2],
      ['1.28.15-gke.100', 2],
      ['1.30', 0],
      ['1.99', 0],
    ] as const) {
      const { stdout } = await checkText(text, ['--format', 'json', '--kubernetes-version', version]);
      assert.equal(rulesOf(JSON.parse(stdout).findings, 'newer-field').length, count, version);
    }
  });
});
