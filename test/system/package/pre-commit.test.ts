import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { parse } from 'yaml';
import { needs } from '../../rig/needs.ts';
import { manifestOf } from '../check/manifest-builder.ts';

const project = new URL('../../../', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'k8s-run-pre-commit-'));
after(() => rmSync(folder, { recursive: true }));

/** pre-commit takes the Node of the machine under both names. */
const PATH = `${join(folder, 'bin')}:${process.env['PATH']}`;
mkdirSync(join(folder, 'bin'));
for (const name of ['node', 'nodejs']) symlinkSync(process.execPath, join(folder, 'bin', name));

type Ran = { readonly code: number | null; readonly stdout: string; readonly said: string };

function execute(cwd: string, ...[program = '', ...words]: readonly string[]): Ran {
  const env = { PATH, HOME: folder, PRE_COMMIT_HOME: join(folder, 'cache'), LC_ALL: 'C.UTF-8' };
  const { status, stdout, stderr } = spawnSync(program, words, { cwd, env, encoding: 'utf8' });
  return { code: status, stdout, said: `${stdout}${stderr}` };
}

function succeed(cwd: string, ...words: readonly string[]): string {
  const { code, said, stdout } = execute(cwd, ...words);
  assert.equal(code, 0, `${words.join(' ')}\n${said}`);
  return stdout.trim();
}

/** Makes a repository of git of a folder, with one commit. Returns the commit. */
function commit(cwd: string): string {
  succeed(cwd, 'git', 'init', '--quiet');
  succeed(cwd, 'git', 'add', '--all');
  const who = ['-c', 'user.name=test', '-c', 'user.email=test@localhost'];
  succeed(cwd, 'git', ...who, 'commit', '--quiet', '--message', 'x');
  return succeed(cwd, 'git', 'rev-parse', 'HEAD');
}

test('the hook names the Node that k8s-run is tested with', () => {
  const [hook] = parse(readFileSync(`${project}.pre-commit-hooks.yaml`, 'utf8'));
  const { devDependencies } = JSON.parse(readFileSync(`${project}package.json`, 'utf8'));
  assert.equal(hook.language_version, devDependencies.node);
});

test('npm pack in a clone prints the name of its file and nothing else, as pre-commit reads it', () => {
  const clone = join(folder, 'clone');
  // Without dist/, so that it is built.
  for (const name of ['.npmrc', 'package.json', 'bin', 'src', 'scripts', 'man', 'config.schema.json', 'CHANGELOG.md'])
    cpSync(join(project, name), join(clone, name), { recursive: true });
  symlinkSync(join(project, 'node_modules'), join(clone, 'node_modules'));
  const { version } = JSON.parse(readFileSync(`${project}package.json`, 'utf8'));
  assert.equal(succeed(clone, 'npm', 'pack'), `k8s-run-${version}.tgz`);
});

describe('pre-commit', { skip: needs('pre-commit') }, () => {
  test('.pre-commit-hooks.yaml is valid', () => {
    succeed(folder, 'pre-commit', 'validate-manifest', `${project}.pre-commit-hooks.yaml`);
  });

  test('the hook checks the manifests among the files of a commit', () => {
    const hook = join(folder, 'hook');
    mkdirSync(hook);
    // The package as npm packs it, so that npm installs it without a registry.
    const packed = succeed(project, 'npm', 'pack', '--ignore-scripts', '--silent', '--pack-destination', folder);
    succeed(hook, 'tar', '-xzf', join(folder, packed), '--strip-components=1');
    const { scripts: _, devDependencies: __, ...rest } = JSON.parse(readFileSync(join(hook, 'package.json'), 'utf8'));
    writeFileSync(join(hook, 'package.json'), JSON.stringify(rest));
    cpSync(`${project}.pre-commit-hooks.yaml`, join(hook, '.pre-commit-hooks.yaml'));
    const rev = commit(hook);
    const user = join(folder, 'user');
    mkdirSync(join(user, 'deploy'), { recursive: true });
    const hooks = [{ id: 'k8s-run-check', language_version: 'system' }];
    writeFileSync(join(user, '.pre-commit-config.yaml'), JSON.stringify({ repos: [{ repo: hook, rev, hooks }] }));
    writeFileSync(join(user, 'values.yaml'), 'replicas: 2\n');
    writeFileSync(join(user, 'deploy/web.yaml'), manifestOf('web', {}));
    commit(user);
    const sound = execute(user, 'pre-commit', 'run', '--all-files');
    assert.equal(sound.code, 0, sound.said);
    writeFileSync(
      join(user, 'deploy/web.yaml'),
      manifestOf('web', { container: { command: ['k8s-run', '--grace', '40s', '--'] } }),
    );
    succeed(user, 'git', 'add', '--all');
    const broken = execute(user, 'pre-commit', 'run');
    assert.equal(broken.code, 1, broken.said);
    assert.match(broken.said, /exit code: 1\n\ndeploy\/web\.yaml Deployment web\n {2}error grace-period-too-short /);
  });
});
