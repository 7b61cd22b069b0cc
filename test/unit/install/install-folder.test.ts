import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { installFolder } from '../../../src/install/install-folder.ts';
import { besides } from '../../../src/install/look-at.ts';

describe('install', () => {
  let box = '';
  let source = '';
  let umask = 0;
  before(() => {
    umask = process.umask(0o077);
    box = mkdtempSync(join(tmpdir(), 'k8s-run-install-'));
    source = makeFolder('source', '1.0.0');
  });
  after(() => {
    process.umask(umask);
    rmSync(box, { recursive: true, force: true });
  });

  function makeFolder(name: string, version: string): string {
    const folder = join(box, name);
    mkdirSync(join(folder, 'bin'), { recursive: true });
    mkdirSync(join(folder, 'lib/program'), { recursive: true });
    mkdirSync(join(folder, 'licenses'));
    writeFileSync(join(folder, 'bin/k8s-run'), `launcher ${version}`);
    chmodSync(join(folder, 'bin/k8s-run'), 0o700);
    writeFileSync(join(folder, 'lib/program/main.js'), Buffer.alloc(600_000, version));
    writeFileSync(join(folder, 'licenses/LICENSE'), 'MIT');
    symlinkSync('LICENSE', join(folder, 'licenses/link'));
    writeFileSync(
      join(folder, 'sbom.cdx.json'),
      JSON.stringify({ metadata: { component: { name: 'k8s-run', version } } }),
    );
    return folder;
  }
  const install = (name: string, more: { force?: boolean; from?: string } = {}) =>
    installFolder({ source: more.from ?? source, target: join(box, name), force: more.force ?? false });
  const modeOf = (path: string): string => (statSync(join(box, path)).mode & 0o777).toString(8);

  test('a folder that does not exist is made, with modes for every user whatever the umask is', () => {
    assert.deepEqual(install('new/deep/folder'), {
      ...{ kind: 'copied', mended: null },
      ...{ files: 4, bytes: 600_000 + 14 + 3 + 63 },
    });
    assert.deepEqual(
      ['new', 'new/deep', 'new/deep/folder', 'new/deep/folder/lib', 'new/deep/folder/bin/k8s-run'].map(modeOf),
      ['755', '755', '755', '755', '755'],
    );
    assert.equal(modeOf('new/deep/folder/lib/program/main.js'), '644');
    assert.equal(readlinkSync(join(box, 'new/deep/folder/licenses/link')), 'LICENSE');
    assert.deepEqual(readdirSync(join(box, 'new/deep')), ['folder']);
  });

  test('an empty folder is filled and keeps its own mode', () => {
    mkdirSync(join(box, 'empty'));
    chmodSync(join(box, 'empty'), 0o777);
    mkdirSync(join(box, 'empty/lost+found'));
    assert.equal(install('empty').kind, 'copied');
    assert.deepEqual(readdirSync(join(box, 'empty')), ['bin', 'lib', 'licenses', 'lost+found', 'sbom.cdx.json']);
    assert.equal(modeOf('empty'), '777');
  });

  test('the same folder a second time is compared and left alone', () => {
    install('again');
    const { ino } = statSync(join(box, 'again/bin/k8s-run'));
    assert.equal(install('again').kind, 'same');
    assert.equal(statSync(join(box, 'again/bin/k8s-run')).ino, ino);
  });

  test('another version is replaced with --force only', () => {
    const other = makeFolder('other', '2.0.0');
    install('versions');
    const refusal = install('versions', { from: other });
    assert.equal(refusal.kind, 'refused');
    assert.match('problem' in refusal ? refusal.problem : '', /another build, of k8s-run 1\.0\.0; give --force/);
    assert.equal(readFileSync(join(box, 'versions/bin/k8s-run'), 'utf8'), 'launcher 1.0.0');
    assert.equal(install('versions', { from: other, force: true }).kind, 'copied');
    assert.equal(readFileSync(join(box, 'versions/bin/k8s-run'), 'utf8'), 'launcher 2.0.0');
    assert.deepEqual(readdirSync(join(box, 'versions')), ['bin', 'lib', 'licenses', 'sbom.cdx.json']);
  });

  test('a copy of the same version that is not whole any more is replaced, and what was wrong is told', () => {
    for (const [name, path, damage] of [
      ['changed', 'lib/program/main.js', (file: string) => writeFileSync(file, Buffer.alloc(600_000, 'x'))],
      ['mode', 'lib', (file: string) => chmodSync(file, 0o700)],
      ['more', 'lib/more', (file: string) => writeFileSync(file, '')],
      ['power-loss', 'sbom.cdx.json', (file: string) => writeFileSync(file, '')],
      ['less', 'licenses', (file: string) => rmSync(file, { recursive: true })],
      ['launcher', 'bin', (file: string) => rmSync(file, { recursive: true })],
    ] as const) {
      install(name);
      damage(join(box, name, path));
      const result = install(name);
      assert.deepEqual([result.kind, 'mended' in result ? result.mended : null], ['copied', path], name);
      assert.equal(install(name).kind, 'same', name);
      assert.deepEqual(readdirSync(join(box, name)), ['bin', 'lib', 'licenses', 'sbom.cdx.json']);
    }
  });

  test('what a killed attempt left beside a folder that it would have made is removed', () => {
    const [own, other] = ['second', 'first'].map((name) => `${besides(join(box, 'beside', name))}abc`);
    mkdirSync(join(box, `beside/${own}/lib`), { recursive: true });
    mkdirSync(join(box, `beside/${other}/lib`), { recursive: true });
    assert.equal(install('beside/second').kind, 'copied');
    assert.deepEqual(readdirSync(join(box, 'beside')), [other, 'second']);
  });

  test('an attempt that fails leaves what a killed one had moved away', () => {
    mkdirSync(join(box, 'moved/.k8s-run-installing-abc/old/bin'), { recursive: true });
    mkdirSync(join(box, 'moved/.k8s-run-installing-abc/lib'));
    mkdirSync(join(box, 'moved/lib'));
    writeFileSync(join(box, 'moved/lib/old'), '');
    const broken = makeFolder('broken', '3.0.0');
    chmodSync(join(broken, 'bin/k8s-run'), 0o600);
    // Not executable, as on a file system that is mounted noexec.
    assert.equal(install('moved', { from: broken }).kind, 'refused');
    assert.deepEqual(readdirSync(join(box, 'moved/.k8s-run-installing-abc')), ['old']);
    assert.equal(install('moved').kind, 'copied');
    assert.deepEqual(readdirSync(join(box, 'moved')), ['bin', 'lib', 'licenses', 'sbom.cdx.json']);
  });

  test('a symbolic link to nowhere is refused with a sentence', () => {
    symlinkSync('nowhere', join(box, 'dangling'));
    const result = install('dangling');
    assert.match('problem' in result ? result.problem : '', /leads nowhere/);
  });

  test('what a killed attempt left is completed: a temporary folder, and parts without a launcher', () => {
    mkdirSync(join(box, 'killed/.k8s-run-installing-abc/lib'), { recursive: true });
    mkdirSync(join(box, 'killed/lib'));
    writeFileSync(join(box, 'killed/lib/old'), '');
    assert.equal(install('killed').kind, 'copied');
    assert.deepEqual(readdirSync(join(box, 'killed')), ['bin', 'lib', 'licenses', 'sbom.cdx.json']);
    assert.equal(existsSync(join(box, 'killed/lib/old')), false);
  });

  test('a part that no killed attempt has left is replaced with --force only', () => {
    mkdirSync(join(box, 'project/lib'), { recursive: true });
    mkdirSync(join(box, 'project/bin'));
    writeFileSync(join(box, 'project/lib/mine'), 'mine');
    const result = install('project');
    assert.match('problem' in result ? result.problem : '', /^it has lib, but no launcher of k8s-run; give --force/);
    assert.equal(readFileSync(join(box, 'project/lib/mine'), 'utf8'), 'mine');
    assert.equal(install('project', { force: true }).kind, 'copied');
  });

  test('a folder with anything else in it is left alone, with --force too', () => {
    for (const path of ['stranger/notes.txt', 'usr/bin/ls']) {
      mkdirSync(join(box, path, '..'), { recursive: true });
      writeFileSync(join(box, path), 'mine');
      const [target = '', ...rest] = path.split('/');
      const result = install(target, { force: true });
      assert.equal(result.kind, 'refused');
      assert.match('problem' in result ? result.problem : '', new RegExp(`${rest.join('/')}, which is no part`));
      assert.equal(readFileSync(join(box, path), 'utf8'), 'mine');
    }
    assert.deepEqual(readdirSync(join(box, 'usr')), ['bin']);
  });

  test('the folder is not copied into itself, nor over what is around it', () => {
    symlinkSync(source, join(box, 'link'));
    for (const name of ['source', 'source/lib', '.', 'link', 'link/new'])
      assert.equal(install(name).kind, 'refused', name);
    assert.deepEqual(readdirSync(source), ['bin', 'lib', 'licenses', 'sbom.cdx.json']);
  });

  test('a path through a file is refused with a sentence', () => {
    writeFileSync(join(box, 'file'), '');
    for (const name of ['file', 'file/inside']) {
      const result = install(name);
      assert.match('problem' in result ? result.problem : '', /no folder/, name);
    }
  });
});
