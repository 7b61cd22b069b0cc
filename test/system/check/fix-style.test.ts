import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { checkText, findingsIn } from '../../rig/check-run.ts';
import { finishWords } from '../../rig/finished.ts';
import { CONTAINER, k8sRun, manifestOf, probe } from './manifest-builder.ts';

const SIDECAR = {
  ...CONTAINER,
  name: 'api',
  ports: [],
  readinessProbe: probe('/readyz', 20_081),
  startupProbe: undefined,
  livenessProbe: undefined,
};

/** A pod with these lines in its container, and nothing else to correct. */
const pod = (container: string, spec = ''): string => `apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
${spec}  containers:
  - name: web
    image: web:1
    command: [k8s-run, --]
    args: [node, server.js]
    resources: {limits: {memory: 64Mi}}
${container.replace(/^(?=.)/gm, '    ')}`;

async function fixedOf(text: string): Promise<string> {
  return (await checkText(text, ['--fix'])).stdout;
}

describe('k8s-run check --fix changes only what it corrects', () => {
  test('--fix raises the grace period to what the slowest container needs', async () => {
    for (const order of [
      ['60s', '30s'],
      ['30s', '60s'],
    ]) {
      const [first = '', second = ''] = order;
      const text = manifestOf('web', {
        pod: { terminationGracePeriodSeconds: 5 },
        container: { command: k8sRun('--grace', first) },
        others: [{ ...SIDECAR, command: k8sRun('--grace', second, '--health-port', '20081') }],
      });
      const found = (await findingsIn(text)).filter(({ rule }) => rule === 'grace-period-too-short');
      assert.deepEqual(
        found.map(({ fix }) => /\d+/.exec(fix)?.[0]),
        ['70', '70'],
      );
      const { code, stdout } = await checkText(text, ['--fix']);
      assert.deepEqual([code, stdout], [0, text.replace('PeriodSeconds: 5', 'PeriodSeconds: 70')]);
    }
  });

  test('--fix keeps JSON as JSON, with its indentation', async () => {
    const object = parse(manifestOf('web', { container: { readinessProbe: undefined, lifecycle: undefined } }));
    const { spec } = object;
    const [container] = spec.template.spec.containers;
    container.lifecycle = { preStop: { sleep: { seconds: 3 } } };
    const folder = await mkdtemp(join(tmpdir(), 'fix-'));
    try {
      for (const step of [undefined, 2, 4, '\t']) {
        const file = join(folder, 'x.json');
        await writeFile(file, JSON.stringify(object, null, step));
        const { code, stdout } = await finishWords(['check', '--fix', file]);
        assert.equal(code, 0, stdout);
        const { lifecycle: _, ...rest } = container;
        const numbers = { periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 1 };
        const readinessProbe = { httpGet: { path: '/readyz', port: 20_080 }, ...numbers };
        const template = {
          ...spec.template,
          spec: { ...spec.template.spec, containers: [{ ...rest, readinessProbe }] },
        };
        const expected = { ...object, spec: { ...spec, template } };
        assert.equal(await readFile(file, 'utf8'), JSON.stringify(expected, null, step));
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('--fix does not change a probe that an alias repeats', async () => {
    for (const text of [
      pod(
        'readinessProbe: &p {httpGet: {path: /livez, port: 20080}, periodSeconds: 2, failureThreshold: 1}\nlivenessProbe: *p\n',
      ),
      pod(
        'readinessProbe:\n  httpGet: &p {path: /livez, port: 20080}\n  periodSeconds: 2\n  failureThreshold: 1\nlivenessProbe:\n  httpGet: *p\n',
      ),
    ]) {
      const { code, stdout, stderr } = await checkText(text, ['--fix']);
      assert.deepEqual([code, stdout], [1, text]);
      assert.match(stderr, /probe-path[\s\S]*by hand: path: \/readyz/);
    }
  });

  test('--fix changes a probe with an anchor that has no alias', async () => {
    const text = pod(
      'readinessProbe: &p {httpGet: {path: /ready, port: 20080}, periodSeconds: 2, failureThreshold: 1}\n',
    );
    assert.equal(await fixedOf(text), text.replace('/ready,', '/readyz,'));
  });

  test('--fix reports a probe that is not a map, and does not change it', async () => {
    for (const value of ['true', '""', '[]', '7']) {
      const text = pod(`readinessProbe: ${value}\nlivenessProbe: ${value}\n`);
      const { code, stdout, stderr } = await checkText(text, ['--fix']);
      assert.deepEqual([code, stdout], [1, text]);
      assert.match(stderr, /invalid-probe[\s\S]*the readinessProbe of web, because it is not a map[\s\S]*by hand/);
    }
  });

  test('--fix corrects in the same run what a correction reveals', async () => {
    const text = pod('readinessProbe:\n  tcpSocket: {port: 20080}\n');
    const first = await checkText(text, ['--fix']);
    assert.equal(first.code, 0, first.stderr);
    const again = await checkText(first.stdout, ['--fix']);
    assert.deepEqual([again.code, again.stdout], [0, first.stdout]);
    assert.match(again.stderr, /^1 note|^No findings/m);
  });

  test('--fix exits with 1 if an error remains', async () => {
    const text = pod(
      'readinessProbe: {httpGet: {path: /readyz, port: 9999}, periodSeconds: 2, failureThreshold: 1}\n',
    ).replace('command: [k8s-run, --]', 'command: [k8s-run, --graze, 1s, --]');
    const { code, stderr } = await checkText(text, ['--fix']);
    assert.equal(code, 1);
    assert.match(stderr, /invalid-option/);
  });

  test('--fix turns tcpSocket into httpGet in place, and keeps its comments', async () => {
    const text = pod(`# Before.
readinessProbe: # Of the probe.
  # Of the action.
  tcpSocket: # Beside it.
    # Of the port.
    port: 20080 # Beside the port.
  # After.
ports: [{containerPort: 8080}] # the app
`);
    assert.equal(
      await fixedOf(text),
      text
        .replace('tcpSocket:', 'httpGet:')
        .replace('# Beside the port.\n', '# Beside the port.\n        path: /readyz\n')
        .replace(
          '      # After.\n',
          '      periodSeconds: 2\n      timeoutSeconds: 2\n      failureThreshold: 1\n      # After.\n',
        ),
    );
  });

  test('--fix adds and removes fields without changes to lists, braces and comments', async () => {
    const text = `apiVersion: apps/v1
kind: Deployment
metadata:
    name: a
spec:
    replicas: 1
    strategy:
        rollingUpdate: {maxSurge: 0, maxUnavailable: 1}
    template:
        spec:
            containers:
            - lifecycle:
                preStop: {sleep: {seconds: 3}}
              name: web
              image: web:1
              command: [k8s-run, --grace, 40s, -- ]
              args: [ node, server.js]
              resources: {limits: {memory: 64Mi}}
              ports:
              - containerPort: 8080
# The end.
`;
    const { stdout, stderr } = await checkText(text, ['--fix']);
    assert.equal(
      stdout,
      text
        .replace('- lifecycle:\n                preStop: {sleep: {seconds: 3}}\n              name', '- name')
        .replace('maxSurge: 0, maxUnavailable: 1', 'maxSurge: 1, maxUnavailable: 0')
        .replace(
          '- containerPort: 8080\n',
          `- containerPort: 8080
              readinessProbe:
                  httpGet:
                      path: /readyz
                      port: 20080
                  periodSeconds: 2
                  timeoutSeconds: 2
                  failureThreshold: 1
            terminationGracePeriodSeconds: 53
`,
        ),
      stderr,
    );
  });

  test('--fix for an old Kubernetes writes no update that a newer one rejects', async () => {
    const text = `apiVersion: apps/v1
kind: DaemonSet
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  updateStrategy:
    rollingUpdate:
      maxSurge: 1 # more
      maxUnavailable: 0 # none less
  template:
    metadata: {labels: {app: web}, annotations: {k8s-run/ignore: 'no-readiness-probe,no-memory-limit'}}
    spec: {containers: [{name: web, image: 'web:1', command: [k8s-run, --, node, server.js]}]}
`;
    const { stdout } = await checkText(text, ['--fix', '--kubernetes-version', '1.20']);
    assert.equal(
      stdout,
      text.replace('      maxSurge: 1 # more\n', '').replace('maxUnavailable: 0', 'maxUnavailable: 1'),
    );
    // A value that another place has cannot be taken out.
    const shared = text
      .replace('{name: web}', '{name: web, annotations: {a: &one 1}}')
      .replace('maxSurge: 1', 'maxSurge: *one');
    assert.equal((await checkText(shared, ['--fix', '--kubernetes-version', '1.20'])).stdout, shared);
  });

  test('--fix adds fields under a key without a value', async () => {
    const text = pod('readinessProbe: # later\nenv: []\n');
    assert.equal(
      await fixedOf(text),
      text.replace(
        '# later\n',
        '# later\n      httpGet:\n        path: /readyz\n        port: 20080\n      periodSeconds: 2\n      timeoutSeconds: 2\n      failureThreshold: 1\n',
      ),
    );
  });

  test('--fix keeps the mode of the file, whatever the umask is', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fix-'));
    try {
      const file = join(folder, 'web.yaml');
      await writeFile(file, pod(''));
      await chmod(file, 0o666);
      await finishWords(['check', '--fix', file]);
      assert.notEqual(await readFile(file, 'utf8'), pod(''));
      assert.equal((await stat(file)).mode & 0o777, 0o666);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('--fix keeps the byte order mark of a file and of stdin', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fix-'));
    try {
      const file = join(folder, 'web.yaml');
      await writeFile(file, `\uFEFF${pod('')}`);
      await finishWords(['check', '--fix', file]);
      const corrected = await readFile(file, 'utf8');
      assert.ok(corrected.startsWith('\uFEFFapiVersion: v1\n'), corrected);
      assert.ok(corrected.includes('readinessProbe'), corrected);
    } finally {
      await rm(folder, { recursive: true });
    }
    const { stdout } = await checkText(`\uFEFF${pod('')}`, ['--fix']);
    assert.ok(stdout.startsWith('\uFEFFapiVersion: v1\n'), stdout);
  });
});
