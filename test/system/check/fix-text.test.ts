import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { parse as asDocument } from '../../../src/check/document.ts';
import { fixed } from '../../../src/check/fix.ts';
import { checkText, findingsIn } from '../../rig/checked.ts';
import { finishWords } from '../../rig/finished.ts';
import { k8sRun, manifestOf, probe, SOUND } from '../../unit/check/pods.ts';

const SIDECAR = {
  ...SOUND,
  name: 'api',
  ports: [],
  readinessProbe: probe('/readyz', 20_081),
  startupProbe: undefined,
  livenessProbe: undefined,
};

/** A pod with these lines in its container, and its rest sound. */
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

describe('k8s-run check --fix changes nothing but what it must', () => {
  test('two containers that want more time of the pod get what the longer one needs', async () => {
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
      const found = (await findingsIn(text)).filter(({ rule }) => rule === 'grace-too-short');
      assert.deepEqual(
        found.map(({ fix }) => /\d+/.exec(fix)?.[0]),
        ['70', '70'],
      );
      const { code, stdout } = await checkText(text, ['--fix']);
      assert.deepEqual([code, stdout], [0, text.replace('PeriodSeconds: 5', 'PeriodSeconds: 70')]);
    }
  });

  test('JSON stays JSON, in the form that it had', async () => {
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
        const readinessProbe = { httpGet: { path: '/readyz', port: 20_080 }, periodSeconds: 2, failureThreshold: 1 };
        const template = {
          ...spec.template,
          spec: { ...spec.template.spec, containers: [{ ...rest, readinessProbe }] },
        };
        const wanted = { ...object, spec: { ...spec, template } };
        assert.equal(await readFile(file, 'utf8'), JSON.stringify(wanted, null, step));
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('what an alias repeats is left to a person', async () => {
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

  test('an anchor that nobody repeats is no reason to leave it', async () => {
    const text = pod(
      'readinessProbe: &p {httpGet: {path: /ready, port: 20080}, periodSeconds: 2, failureThreshold: 1}\n',
    );
    assert.equal(await fixedOf(text), text.replace('/ready,', '/readyz,'));
  });

  test('what is no probe is said, and not touched', async () => {
    for (const value of ['true', '""', '[]', '7']) {
      const text = pod(`readinessProbe: ${value}\nlivenessProbe: ${value}\n`);
      const { code, stdout, stderr } = await checkText(text, ['--fix']);
      assert.deepEqual([code, stdout], [1, text]);
      assert.match(stderr, /bad-probe[\s\S]*The readinessProbe of web is no map[\s\S]*by hand/);
    }
  });

  test('what it shows once something is fixed is fixed, and told, in the same run', async () => {
    const text = pod('readinessProbe:\n  tcpSocket: {port: 20080}\n');
    const first = await checkText(text, ['--fix']);
    assert.equal(first.code, 0, first.stderr);
    const again = await checkText(first.stdout, ['--fix']);
    assert.deepEqual([again.code, again.stdout], [0, first.stdout]);
    assert.match(again.stderr, /^1 note|^Nothing/m);
  });

  test('errors that remain make it exit 1, whatever else was fixed', async () => {
    const text = pod(
      'readinessProbe: {httpGet: {path: /readyz, port: 9999}, periodSeconds: 2, failureThreshold: 1}\n',
    ).replace('command: [k8s-run, --]', 'command: [k8s-run, --graze, 1s, --]');
    const { code, stderr } = await checkText(text, ['--fix']);
    assert.equal(code, 1);
    assert.match(stderr, /bad-option/);
  });

  test('a probe that has nothing but tcpSocket keeps its place and its comments', async () => {
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
        .replace('      # After.\n', '      periodSeconds: 2\n      failureThreshold: 1\n      # After.\n'),
    );
  });

  test('lists, brackets and comments at the margin stay as they are where fields come and go', async () => {
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
                  failureThreshold: 1
            terminationGracePeriodSeconds: 53
`,
        ),
      stderr,
    );
  });

  test('two fields that end up below the same line are both there, each in its map', () => {
    const text = 'a:\n  b:\n    c: 1\nz: 1\n';
    const wishes = [
      ['a', 'b', 'n', 'm'],
      ['a', 'n', 'm'],
      ['a', 'b', 'o'],
      ['n', 'o'],
    ].map((path) => [{ kind: 'set', path, value: 7 }] as const);
    const { text: now, done } = fixed(text, asDocument(text), wishes);
    assert.deepEqual(done, [true, true, true, true]);
    assert.deepEqual(parse(now), { a: { b: { c: 1, n: { m: 7 }, o: 7 }, n: { m: 7 } }, z: 1, n: { o: 7 } });
  });

  test('of a wish that cannot be done nothing is done, and the others are', () => {
    const text = 'a: {b: {c: 1}, d: null}\nz: 1\n';
    const wishes = [
      [
        { kind: 'set', path: ['a', 'b', 'e'], value: 7 },
        { kind: 'rename', path: ['a', 'b'], key: 'd' },
      ],
      [{ kind: 'set', path: ['z'], value: 2 }],
    ] as const;
    const { text: now, done } = fixed(text, asDocument(text), wishes);
    assert.deepEqual([done, now], [[false, true], text.replace('z: 1', 'z: 2')]);
  });

  test('a key with nothing under it is filled', async () => {
    const text = pod('readinessProbe: # later\nenv: []\n');
    assert.equal(
      await fixedOf(text),
      text.replace(
        '# later\n',
        '# later\n      httpGet:\n        path: /readyz\n        port: 20080\n      periodSeconds: 2\n      failureThreshold: 1\n',
      ),
    );
  });

  test('the mode of the file stays, whatever the umask', async () => {
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
});
