import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { applyPatch } from 'diff';
import { parse, parseAllDocuments } from 'yaml';
import { needs } from '../../rig/needs.ts';
import { BIN } from '../../rig/supervised.ts';
import { openTerminal } from '../../rig/terminal.ts';
import { WRITTEN } from '../../unit/inject/zoo.ts';
import { IMAGE, runInject } from './inject-run.ts';

const WEB = WRITTEN['comments everywhere'] ?? '';
const BARE = 'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - {name: web, image: "web:1"}\n';

let box = '';
before(() => {
  box = mkdtempSync(join(tmpdir(), 'k8s-run-inject-'));
});
after(() => rmSync(box, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(box, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  return path;
}

describe('k8s-run inject in a pipe', () => {
  test('as a post-renderer it prints the manifests only, and gives them back with --remove', async () => {
    const once = await runInject([...IMAGE, '-'], WEB);
    assert.equal(once.code, 0);
    assert.match(once.stderr, /^k8s-run inject: stdin:2 Deployment web, container web sleeps for 7 s/);
    assert.match(once.stdout, /name: K8S_RUN_SHUTDOWN_DELAY\n\s*value: 7s\n/);
    const twice = await runInject([...IMAGE, '-'], once.stdout);
    assert.equal(twice.stdout, once.stdout);
    assert.equal((await runInject(['--remove', '-'], once.stdout)).stdout, WEB);
  });

  test('a byte order mark and carriage returns stay', async () => {
    const text = `\uFEFF${WEB.replaceAll('\n', '\r\n')}`;
    const once = await runInject([...IMAGE, '-'], text);
    assert.match(once.stdout, /^\uFEFF# first\r\n/);
    assert.equal((await runInject(['--remove', '-'], once.stdout)).stdout, text);
    assert.equal(applyPatch(text, (await runInject([...IMAGE, '--dry-run=diff', '-'], text)).stdout), once.stdout);
  });

  test('manifests without an app go through as they are', async () => {
    const service = 'apiVersion: v1\nkind: Service\nmetadata: {name: s}\n';
    for (const text of ['', '# nothing\n', service]) {
      const { code, stdout, stderr } = await runInject([...IMAGE, '-'], text);
      assert.deepEqual([code, stdout], [0, text]);
      assert.match(stderr, /there is no container to inject/);
    }
  });

  test('a container that cannot be injected stops the pipe: one sentence for each, nothing printed, exit code 1', async () => {
    const other = BARE.replace('web:1', 'other:2').replace('name: p', 'name: q');
    const { code, stdout, stderr } = await runInject([...IMAGE, '-'], `${WEB}---\n${BARE}---\n${other}`);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /Pod p, container web has no command, and the ENTRYPOINT of web:1 is not in a manifest/);
    assert.match(stderr, /Pod q, container web has no command, and the ENTRYPOINT of other:2/);
    assert.match(stderr, /nothing is printed/);
  });

  test('a KRM function takes a ResourceList with its options and gives it back', async () => {
    const list = {
      apiVersion: 'config.kubernetes.io/v1',
      kind: 'ResourceList',
      functionConfig: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'inject' },
        data: { image: 'k8s-run:9', option: 'grace=40s\nlog-level=warn\n', container: 'web' },
      },
      items: [
        { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data: { a: 'b' } },
        { ...parse(WEB), metadata: { name: 'web', annotations: { 'internal.config.kubernetes.io/index': '0' } } },
      ],
    };
    const { code, stdout } = await runInject(['-'], JSON.stringify(list));
    assert.equal(code, 0);
    const answer = JSON.parse(stdout);
    assert.deepEqual(answer.functionConfig, list.functionConfig);
    assert.deepEqual(answer.items[0], list.items[0]);
    const [, { metadata, spec }] = answer.items;
    assert.equal(metadata.annotations['internal.config.kubernetes.io/index'], '0');
    const [web, other] = spec.template.spec.containers;
    assert.equal(spec.template.spec.initContainers[0].image, 'k8s-run:9');
    assert.ok(
      web.env.some(({ name, value }: { name: string; value: string }) => name === 'K8S_RUN_GRACE' && value === '40s'),
    );
    assert.deepEqual(other.command, ['other']);
    const removed = { ...list, functionConfig: { ...list.functionConfig, data: { remove: 'true' } } };
    const out = await runInject(['-'], JSON.stringify({ ...answer, functionConfig: removed.functionConfig }));
    assert.deepEqual(JSON.parse(out.stdout), removed);
  });

  test('an unknown option of a functionConfig is said', async () => {
    const list = {
      apiVersion: 'config.kubernetes.io/v1',
      kind: 'ResourceList',
      functionConfig: { data: { nonsense: 'x' } },
      items: [],
    };
    const { code, stdout, stderr } = await runInject(['-'], JSON.stringify(list));
    assert.deepEqual([code, stdout], [64, '']);
    assert.match(stderr, /--nonsense/);
  });
});

describe('k8s-run inject with files', () => {
  test('a folder is printed as one stream, without what is no manifest', async () => {
    const folder = join(box, 'folder');
    const cron = WRITTEN['several documents'] ?? '';
    file('folder/a.yaml', WEB.replace(/\n$/, ''));
    file('folder/b.yml', cron);
    file('folder/values.yaml', 'image: {kind: x}\n');
    file(
      'folder/kustomization.yaml',
      'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]\n',
    );
    file('folder/c.json', JSON.stringify(parse(BARE.replace('image: "web:1"', 'command: [web]'))));
    const { code, stdout, stderr } = await runInject([...IMAGE, folder]);
    assert.equal(code, 0);
    assert.match(stderr, /values\.yaml is left out/);
    assert.match(stderr, /kustomization\.yaml is left out/);
    const kinds = parseAllDocuments(stdout).flatMap((each) => each.toJS()?.kind ?? []);
    assert.deepEqual(kinds, ['Deployment', 'Service', 'CronJob', 'DaemonSet', 'Pod']);
    const back = await runInject(['--remove', '-'], stdout);
    assert.equal(back.stdout, `${WEB}${cron}---\n${readFileSync(join(folder, 'c.json'), 'utf8')}`);
  });

  test('--dry-run=diff is a patch that makes of the file what would be printed', async () => {
    for (const [name, text] of Object.entries(WRITTEN)) {
      const path = file('diff.yaml', text);
      const { code, stdout } = await runInject([...IMAGE, '--dry-run=diff', path]);
      assert.equal(code, 0);
      assert.match(stdout, /^--- a\/.*diff\.yaml\n\+\+\+ b\/.*diff\.yaml\n@@ /);
      assert.equal(applyPatch(text, stdout), (await runInject([...IMAGE, path])).stdout, name);
    }
    assert.equal((await runInject([...IMAGE, '--dry-run=diff', '-'], '# nothing\n')).stdout, '');
  });

  test('--dry-run=diff has colours on a terminal, unless NO_COLOR is set, and the notes below it', {
    skip: needs('tmux'),
  }, async () => {
    const words = [process.execPath, BIN, 'inject', ...IMAGE, '--dry-run=diff', file('colours.yaml', WEB)];
    await using terminal = await openTerminal(words);
    assert.equal(await terminal.ended(), 0);
    const coloured = await terminal.coloured();
    assert.match(coloured, /\p{Cc}\[1m--- a\/[\s\S]*\p{Cc}\[36m@@ [\s\S]*\p{Cc}\[32m\+ /u);
    assert.match(coloured, /\[32m\+ [\s\S]*web sleeps for 7 s[^+]*$/);
    await using plain = await openTerminal(words, { NO_COLOR: '1' });
    assert.equal(await plain.ended(), 0);
    assert.match(await plain.screen(), /^\+ /m);
    assert.ok(!(await plain.coloured()).includes('\x1b[32m'));
  });

  test('what docker, skopeo and crane print of an image tells its ENTRYPOINT', async () => {
    const config = { Entrypoint: ['/entry'], Cmd: ['run'], StopSignal: 'SIGQUIT', User: '1000', WorkingDir: '/app' };
    const docker = file(
      'docker.json',
      JSON.stringify([
        { RepoTags: ['web:1'], Config: config },
        { RepoTags: ['x:1'], Config: {} },
      ]),
    );
    const crane = file('crane.json', JSON.stringify({ architecture: 'amd64', config, rootfs: {} }));
    for (const value of [docker, crane, `web=${crane}`, `docker.io/library/web:1=${crane}`]) {
      const { code, stdout, stderr } = await runInject([...IMAGE, '--image-config', value, '-'], BARE);
      assert.equal(code, 0, stderr);
      const [container] = parse(stdout).spec.containers;
      assert.deepEqual(container.command, ['/opt/k8s-run/bin/k8s-run', '--', '/entry', 'run']);
      assert.ok(container.env.some(({ value: each }: { value: string }) => each === 'QUIT,TERM,INT'));
    }
    const other = await runInject([...IMAGE, '--image-config', `other:1=${crane}`, '-'], BARE);
    assert.deepEqual([other.code, other.stdout], [1, '']);
  });

  test('--selector and --namespace choose objects, --container containers', async () => {
    const text = `${WEB}---\n${BARE.replace('image: "web:1"', 'command: [web]').replace('name: p', 'name: p, namespace: n')}`;
    const injected = async (...words: readonly string[]): Promise<readonly string[]> => {
      const { stdout } = await runInject([...IMAGE, ...words, '-'], text);
      return parseAllDocuments(stdout).flatMap((each) => {
        const { kind, spec } = each.toJS();
        const containers: { name: string; command: string[] }[] = spec.containers ?? spec.template.spec.containers;
        return containers.filter(({ command }) => command[1] === '--').map(({ name }) => `${kind} ${name}`);
      });
    };
    assert.deepEqual(await injected(), ['Deployment web', 'Deployment other', 'Pod web']);
    assert.deepEqual(await injected('--selector', 'app in (web, x)'), ['Deployment web', 'Deployment other']);
    assert.deepEqual(await injected('--selector', '!app'), ['Pod web']);
    assert.deepEqual(await injected('--namespace', 'other'), ['Deployment web', 'Deployment other']);
    assert.deepEqual(await injected('--container', 'other'), ['Deployment other']);
    const missing = await runInject([...IMAGE, '--container', 'nobody', '-'], text);
    assert.deepEqual([missing.code, missing.stdout], [1, '']);
    assert.match(missing.stderr, /no container is called nobody; there are web, other/);
  });
});

describe('mistakes in the options of k8s-run inject', () => {
  test('all are said at once, with what would be right, and exit code 78', async () => {
    const words = [
      '--via',
      'x',
      '--medium',
      'y',
      '--user',
      '0',
      '--selector',
      'a b',
      '--option',
      'grce=1s',
      '--option',
      'grace=x',
    ];
    const more = [
      '--entrypoint',
      'web=node',
      '--image-config',
      '/nowhere',
      '--kubernetes-version',
      'new',
      '--dry-run',
      'x',
    ];
    const { code, stdout, stderr } = await runInject([...words, ...more, '-'], WEB);
    assert.deepEqual([code, stdout], [78, '']);
    for (const part of [
      /--via "x": must be init-container or image-volume/,
      /--medium "y": must be disk or memory/,
      /--user "0"/,
      /--selector "a b"/,
      /--option "grce=1s": .*did you mean grace\?/,
      /--option grace "x"/,
      /--entrypoint "web=node"/,
      /--image-config "\/nowhere": .*ENOENT/,
      /--kubernetes-version "new"/,
      /--dry-run "x": must be diff/,
      /without an image: give --image/,
    ])
      assert.match(stderr, part);
  });

  test('image volumes are refused for a Kubernetes that is too old for them', async () => {
    const words = [...IMAGE, '--via', 'image-volume', '--kubernetes-version'];
    for (const version of ['1.35', 'v1.30.2']) assert.equal((await runInject([...words, version, '-'], WEB)).code, 78);
    for (const version of ['1.36', 'v1.36.2+k3s1'])
      assert.equal((await runInject([...words, version, '-'], WEB)).code, 0);
  });

  test('no file is exit code 64, and one that cannot be read 1', async () => {
    assert.equal((await runInject(IMAGE)).code, 64);
    const { code, stderr } = await runInject([...IMAGE, '/nowhere.yaml']);
    assert.equal(code, 1);
    assert.match(stderr, /cannot read \/nowhere\.yaml: no such file/);
  });
});
