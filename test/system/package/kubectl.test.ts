import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { needs } from '../../rig/needs.ts';
import { manifestOf } from '../check/manifest-builder.ts';

const project = new URL('../../../', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'k8s-run-kubectl-'));
/** The plugin's folder first, then Node, and what the machine has. No cluster: the plugin needs none. */
const env = {
  PATH: `${folder}:${dirname(process.execPath)}:${process.env['PATH']}`,
  HOME: folder,
  KUBECONFIG: '/dev/null',
};

function run(program: string, ...words: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(program, words, { env, cwd: folder, encoding: 'utf8', timeout: 60_000 });
  return { code: status, stdout, stderr };
}

before(() => {
  // As npm links them.
  symlinkSync(join(project, 'bin/k8s-run.js'), join(folder, 'kubectl-k8s_run'));
  symlinkSync(join(project, 'bin/kubectl-complete.js'), join(folder, 'kubectl_complete-k8s_run'));
  writeFileSync(
    join(folder, 'plain.yaml'),
    'apiVersion: v1\nkind: Pod\nmetadata: { name: a }\nspec:\n  containers:\n    - name: a\n      image: a:1\n      command: [node, server.js]\n',
  );
  writeFileSync(join(folder, 'sound.yaml'), manifestOf('sound', {}));
  writeFileSync(
    join(folder, 'broken.yaml'),
    manifestOf('web', { container: { command: ['k8s-run', '--grace', '40s', '--'] } }),
  );
});
after(() => rmSync(folder, { recursive: true }));

describe('the plugin of kubectl', { skip: needs('kubectl') }, () => {
  test('kubectl k8s-run check finds what k8s-run check finds, with its exit code', () => {
    const found = run('kubectl', 'k8s-run', 'check', '--format', 'json', 'broken.yaml');
    assert.equal(found.code, 1, found.stderr);
    const { findings } = JSON.parse(found.stdout) as { findings: { rule: string }[] };
    assert.ok(findings.length > 0);
    const { code, stdout } = run('kubectl-k8s_run', 'check', '--format', 'json', 'broken.yaml');
    assert.deepEqual([code, stdout], [found.code, found.stdout]);
    assert.equal(run('kubectl', 'k8s-run', 'check', 'sound.yaml').code, 0);
  });

  test('kubectl k8s-run inject prints the manifest with k8s-run in front of its app', () => {
    const { code, stdout, stderr } = run('kubectl', 'k8s-run', 'inject', '--image', 'k8s-run:1', 'plain.yaml');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /image: k8s-run:1/);
  });

  test('kubectl k8s-run rehearse reads its options, and starts nothing without a command', () => {
    const { code, stderr } = run('kubectl', 'k8s-run', 'rehearse');
    assert.equal(code, 64);
    assert.match(stderr, /no command given/);
  });

  test('kubectl k8s-run shows the help of the plugin, and names itself as it is called', () => {
    for (const [words, to] of [
      [[], 'stderr'],
      [['--help'], 'stdout'],
    ] as const) {
      const answer = run('kubectl', 'k8s-run', ...words);
      assert.equal(answer.code, words.length === 0 ? 64 : 0);
      assert.match(answer[to], /^Usage: kubectl k8s-run <command> \[options\]\n/);
      for (const command of ['check', 'inject', 'rehearse'])
        assert.match(answer[to], new RegExp(`^  ${command} `, 'm'));
      for (const line of answer[to].split('\n')) assert.ok(line.length <= 110, line);
    }
    assert.match(run('kubectl', 'k8s-run', 'check', '--help').stdout, /^Usage: kubectl k8s-run check /);
    assert.match(
      run('kubectl', 'k8s-run', 'check', '--nope').stderr,
      /^kubectl k8s-run check --help lists its options$/m,
    );
    assert.match(run(join(project, 'bin/k8s-run.js'), 'check', '--help').stdout, /^Usage: k8s-run check /);
  });

  test('kubectl lists the plugin', () => {
    assert.match(run('kubectl', 'plugin', 'list').stdout, /kubectl-k8s_run$/m);
  });

  test('kubectl 1.26 and later offer the options of a command of the plugin', (t) => {
    const version = run('kubectl', 'version', '--client', '--output', 'json').stdout;
    const { minor } = (JSON.parse(version) as { clientVersion: { minor: string } }).clientVersion;
    // Debian's is older; what it would run is tested below.
    if (Number.parseInt(minor, 10) < 26) return t.diagnostic(`kubectl 1.${minor} asks no plugin`);
    const { stdout } = run('kubectl', '__complete', 'k8s-run', 'check', '--form');
    assert.match(stdout, /^--format\t.*\n:4\n/);
  });
});

test('kubectl_complete-k8s_run answers in the words of cobra, and runs nothing of what is typed', () => {
  const { code, stdout } = run('kubectl_complete-k8s_run', 'check', '--format', '');
  assert.deepEqual([code, stdout], [0, 'text\njson\nsarif\ngithub\n:4\n']);
  const typed = run('kubectl_complete-k8s_run', 'check', '--fix', 'broken.yaml', '');
  assert.deepEqual([typed.code, typed.stdout, typed.stderr], [0, ':0\n', '']);
});

test('the script of completion kubectl asks the plugin', () => {
  const { stdout } = run('kubectl-k8s_run', 'completion', 'kubectl');
  assert.match(stdout, /^#!\/bin\/sh\n/);
  assert.match(stdout, /\nexec kubectl k8s-run completion kubectl -- "\$@"\n$/);
  const extra = run('kubectl-k8s_run', 'completion', 'bash', 'extra');
  assert.deepEqual([extra.code, extra.stdout], [64, '']);
});
