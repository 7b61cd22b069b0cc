import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { checkText, findingsIn } from '../../rig/check-run.ts';
import { finishWords } from '../../rig/finished.ts';
import { manifestOf, probe, serviceOf, WITHOUT_K8S_RUN } from './manifest-builder.ts';

const ORIGINAL = `# The web tier.
apiVersion: v1
kind: ConfigMap # untouched,   as it is
metadata: {name:   odd}
---
# Serves.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  template:
    spec:
      terminationGracePeriodSeconds: 20 # seconds
      containers:
      # The app.
      - name: web
        image: 'web:1'
        command: ["k8s-run", "--grace", "40s", "--"]
        args: [node, server.js]
        env:
        - name: RETRIES
          value: 0x10 # hexadecimal
        - {name: DEBUG, value: yes}
        lifecycle:
          # Waits.
          preStop: {exec: {command: [sleep, "3"]}}
        resources: {limits: {memory: 64Mi}}
        readinessProbe:
          httpGet: {path: /ready, port: 20080}
          periodSeconds: 2
          failureThreshold: 1
`;
const CORRECTED = ORIGINAL.replace('Seconds: 20 #', 'Seconds: 53 #')
  .replace('value: 0x10 #', 'value: "0x10" #')
  .replace('value: yes', 'value: "yes"')
  .replace(/ {8}lifecycle:[\s\S]*?(?= {8}resources)/, '')
  .replace('path: /ready,', 'path: /readyz,');

describe('k8s-run check --fix', () => {
  test('--fix corrects a file in place and keeps every comment and every other line', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fix-'));
    try {
      const [file, link] = [join(folder, 'web.yaml'), join(folder, 'link.yaml')];
      await writeFile(file, ORIGINAL);
      await chmod(file, 0o640);
      await symlink('web.yaml', link);
      const run = await finishWords(['check', '--fix', link]);
      assert.deepEqual([run.code, run.stderr], [0, '']);
      assert.equal(await readFile(file, 'utf8'), CORRECTED);
      assert.equal((await stat(file)).mode & 0o777, 0o640);
      assert.deepEqual((await readdir(folder)).sort(), ['link.yaml', 'web.yaml']);
      assert.match(run.stdout, /fixed: terminationGracePeriodSeconds: 53/);
      assert.match(run.stdout, /5 fixed/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('--fix - prints the manifest to stdout and the report to stderr', async () => {
    const run = await checkText(ORIGINAL, ['--fix']);
    assert.deepEqual([run.code, run.stdout], [0, CORRECTED]);
    assert.match(run.stderr, /5 fixed/);
    const sound = await checkText(CORRECTED, ['--fix']);
    assert.equal(sound.stdout, CORRECTED);
  });

  test('--fix leaves what it cannot know to the user, and exits with 1', async () => {
    const text = `${manifestOf('web', {
      spec: { replicas: 1, strategy: { type: 'Recreate' } },
      container: { resources: undefined, command: ['k8s-run', '--grace', '40s', '--'] },
    })}---\n${serviceOf('web')}`;
    const run = await checkText(text, ['--fix']);
    assert.equal(run.code, 1);
    assert.match(run.stdout, /terminationGracePeriodSeconds: 50/);
    assert.match(run.stderr, /no-memory-limit[\s\S]*by hand: resources/);
    assert.match(run.stderr, /1 fixed, 1 error, 1 note/);
  });

  test('--fix does not set maxSurge for pods that have a port of the node or a volume claim', async () => {
    const spec = { replicas: 2, strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 2 } } };
    const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
    for (const [pod, fixable] of [
      [{}, true],
      [{ volumes }, false],
      [{ hostNetwork: true }, false],
      [{ hostNetwork: false }, true],
    ] as const) {
      const [found] = (await findingsIn(manifestOf('web', { spec, pod }))).filter(({ rule }) => rule === 'no-surge');
      assert.equal(found?.fixable, fixable);
    }
  });

  test('--fix puts exec before an app only where that is certain', async () => {
    for (const [command, args, exec] of [
      [['dash', '-c', '--'], ['while true; do ./serve; done'], null],
      [['dash', '-c', '-x', 'node s.js'], [], ['dash', '-c', '-x', 'exec node s.js']],
      [['dash', '-c', '--'], ['node s.js'], ['dash', '-c', '--', 'exec node s.js']],
      [['env', 'dash', '-ce', 'cd /app\nnode s.js\n'], [], ['env', 'dash', '-ce', 'cd /app\nexec node s.js\n']],
      [['/usr/bin/env', '-S', 'dash -c "node s.js"'], [], null],
      [['dash', '-lc'], ['app'], null],
      [['dash', '-c'], ['node s.js | tee log'], null],
      [['bash', '-c', 'node s.js'], [], null],
      [['busybox', 'sh', '-c', 'node s.js'], [], null],
      [['dash', '-c', '$(APP) x'], [], null],
    ] as const) {
      const text = manifestOf('web', { container: { ...WITHOUT_K8S_RUN, command, args } });
      const { spec } = parse((await checkText(text, ['--fix'])).stdout).spec.template;
      const [container] = spec.containers;
      assert.deepEqual([...container.command, ...container.args], exec ?? [...command, ...args]);
    }
  });

  test('--fix leaves no error or warning that it could correct', async () => {
    const changes = [
      { container: { readinessProbe: undefined } },
      { container: { readinessProbe: { tcpSocket: { port: 20_080 } } } },
      { container: { livenessProbe: probe('/readyz', 20_080) } },
      { container: { readinessProbe: probe('/readyz', 9999), startupProbe: probe('/startupz', 20_080) } },
      { container: { command: ['sh', '-c', 'cd /app; k8s-run -- node server.js'], args: undefined } },
      { spec: { replicas: 1, strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: '100%' } } } },
      {
        container: {
          env: [
            { name: 'A', value: true },
            { name: 'B', value: 1.5 },
          ],
        },
      },
      { container: { readinessProbe: probe('/readyz', 20_080, { periodSeconds: 30 }) } },
    ];
    const text = changes.map((change, index) => manifestOf(`m${index}`, change)).join('---\n');
    const before = await findingsIn(text);
    for (const index of changes.keys())
      assert.ok(
        before.some(({ object }) => object.endsWith(`m${index}`)),
        `m${index}`,
      );
    const { stdout } = await checkText(text, ['--fix']);
    assert.deepEqual(
      (await findingsIn(stdout)).filter(({ severity }) => severity !== 'note'),
      [],
    );
  });

  test('--fix keeps CRLF line ends', async () => {
    const { stdout } = await checkText(ORIGINAL.replaceAll('\n', '\r\n'), ['--fix']);
    assert.equal(stdout, CORRECTED.replaceAll('\n', '\r\n'));
  });

  test('--fix changes only the values in unusual JSON', async () => {
    const odd = `{"apiVersion": "v1",   "kind": "Pod",\n\t"metadata": {"name":"a"}, "spec": {"terminationGracePeriodSeconds":3,
      "containers": [ {"name": "web", "resources": {"limits": {"memory": "1Gi"}}, "command": ["k8s-run", "--", "node"],
      "readinessProbe": {"httpGet": {"path": "/ready", "port": 20080},"periodSeconds": 2, "failureThreshold": 1} } ] } }`;
    const { stdout, stderr } = await checkText(odd, ['--fix']);
    assert.equal(stdout, odd.replace('Seconds":3', 'Seconds":30').replace('"/ready"', '"/readyz"'), stderr);
  });

  test('--fix reports a file that cannot be written', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fix-'));
    try {
      const file = join(folder, 'web.yaml');
      await writeFile(file, ORIGINAL);
      await writeFile(`${file}.making`, 'another file');
      const run = await finishWords(['check', '--fix', file]);
      assert.equal(run.code, 1);
      assert.match(run.stdout, /The file cannot be corrected/);
      assert.equal(await readFile(file, 'utf8'), ORIGINAL);
      assert.equal(await readFile(`${file}.making`, 'utf8'), 'another file');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
