import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { dateOf, sectionOf } from '../../scripts/release/changelog.ts';
import { makeDeb } from '../../scripts/release/deb.ts';
import { folderFor } from '../../scripts/release/folders.ts';
import { needs } from '../rig/needs.ts';
import { makeNodeBase } from './node-base.ts';

const project = new URL('../../', import.meta.url).pathname;
const { version } = JSON.parse(readFileSync(`${project}package.json`, 'utf8')) as { version: string };
// In lower case, because buildah makes the name of an image of the path of a layout.
const box = join(tmpdir(), `k8s-run-release-${randomBytes(4).toString('hex')}`);
mkdirSync(box);
after(() => rmSync(box, { recursive: true, force: true }));

function release(cwd: string, ...words: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/release/release.ts', ...words], {
    cwd,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  return { code: status, stdout, stderr };
}

/** The tracked files as they are here, as a repository of its own with one commit. */
function cloned(): string {
  const clone = mkdtempSync(join(box, 'clone-'));
  const names = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: project });
  execFileSync('tar', ['-C', project, '--null', '--files-from=-', '-cf', `${box}/tree.tar`, '--ignore-failed-read'], {
    input: names,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  execFileSync('tar', ['-C', clone, '-xf', `${box}/tree.tar`]);
  symlinkSync(`${project}node_modules`, `${clone}/node_modules`);
  const git = (...words: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...words], {
      cwd: clone,
      stdio: 'ignore',
    });
  git('init', '--quiet');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'All');
  return clone;
}

const noRelease =
  process.getuid?.() === 0
    ? process.arch === 'x64'
      ? needs(
          ...(['buildah', 'debootstrap', 'dpkg-deb', 'gcc', 'lintian', 'patchelf', 'zstd'] as const),
          ...(['aarch64-linux-gnu-gcc', 'qemu-aarch64-static'] as const),
        )
      : 'the release is made on x64, with the folder for arm64 built across'
    : 'installing packages into roots takes root';

/** Once more, without the checks of the first time. */
const AGAIN = ['--dry-run', '--fast', '--reuse-folders', '--unchecked'];

describe('the dry run of a release', { skip: noRelease }, () => {
  const folders = { x64: '', arm64: '' };
  const outs = [`${box}/one`, `${box}/two`] as const;
  let said = '';
  let base = '';
  before(() => {
    for (const arch of ['x64', 'arm64'] as const) folders[arch] = folderFor(arch, true);
    base = makeNodeBase(box, folders);
    const run = release(project, '--dry-run', '--fast', '--reuse-folders', '--out', outs[0], '--node-image', base);
    assert.equal(run.code, 0, run.stderr);
    said = run.stdout;
  });

  test('the dry run makes, checks and lists the package, folders, .debs, images and manifests, and nothing else', () => {
    const names = [
      ...[
        `k8s-run-${version}.tgz`,
        `k8s-run-${version}-image.tar`,
        `k8s-run-${version}-image-node.tar`,
        'k8s-run.yaml',
      ],
      ...['x64', 'arm64'].flatMap((arch) =>
        ['tar.gz', 'tar.zst', 'cdx.json'].map((end) => `k8s-run-${version}-linux-${arch}.${end}`),
      ),
      ...['amd64', 'arm64'].map((arch) => `k8s-run_${version.replace('-', '~')}-1_${arch}.deb`),
    ];
    const all = [...names, 'NOTES.md', 'SHA256SUMS'].sort();
    assert.deepEqual(readdirSync(outs[0]).sort(), all);
    for (const name of names)
      assert.match(said, new RegExp(`^${name.replaceAll('.', '\\.')} +[\\d,]+  [0-9a-f]{64}  \\S`, 'm'));
    assert.doesNotMatch(said, /^not made|not checked/m);
    assert.ok(!existsSync(`${outs[0]}.making`));
    execFileSync('sha256sum', ['--check', '--strict', '--quiet', 'SHA256SUMS'], { cwd: outs[0] });
  });

  test('the same commit gives the same bytes, and the images the same digests', () => {
    const run = release(project, ...AGAIN, '--out', outs[1], '--node-image', base);
    assert.equal(run.code, 0, run.stderr);
    const [one, two] = outs.map((out) => readFileSync(`${out}/SHA256SUMS`, 'utf8'));
    assert.equal(one, two);
    rmSync(outs[1], { recursive: true });
  });

  test('the images of both platforms have the labels of a registry', () => {
    for (const name of [`k8s-run-${version}-image`, `k8s-run-${version}-image-node`]) {
      const layout = `${box}/${name}`;
      mkdirSync(layout);
      execFileSync('tar', ['-C', layout, '-xf', `${outs[0]}/${name}.tar`]);
      const read = (digest: string) => JSON.parse(readFileSync(`${layout}/blobs/${digest.replace(':', '/')}`, 'utf8'));
      const [index] = JSON.parse(readFileSync(`${layout}/index.json`, 'utf8')).manifests;
      for (const { digest, platform } of read(index.digest).manifests) {
        const { config, architecture } = read(read(digest).config.digest);
        assert.equal(architecture, platform.architecture);
        for (const label of ['title', 'description', 'version', 'revision', 'created', 'source', 'url', 'licenses'])
          assert.ok(config.Labels[`org.opencontainers.image.${label}`], `${name} ${architecture} ${label}`);
        assert.equal(config.StopSignal, 'SIGTERM');
        assert.ok(config.Entrypoint.some((word: string) => word.startsWith('/opt/k8s-run/bin/k8s-run')));
      }
      rmSync(layout, { recursive: true });
    }
  });

  test('the .deb is installed, upgraded and removed in a Debian, and its programs run there', () => {
    const root = `${box}/debian`;
    const codename = /^VERSION_CODENAME=(.*)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'stable';
    execFileSync('debootstrap', ['--variant=minbase', '--include=man-db', codename, root], { stdio: 'ignore' });
    const inside = (...words: readonly string[]): string =>
      execFileSync('unshare', ['--mount', '--pid', '--fork', '--kill-child', 'chroot', root, ...words], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', DEBIAN_FRONTEND: 'noninteractive' },
      });
    const plan = {
      version: '0.0.1',
      epoch: 1e9,
      commit: '',
      out: box,
      scratch: box,
      folders,
      fast: true,
      nodeImage: '',
    };
    const old = makeDeb(plan, 'x64').name;
    const deb = readdirSync(outs[0]).find((name) => name.endsWith('amd64.deb')) ?? '';
    for (const file of [`${box}/${old}`, `${outs[0]}/${deb}`]) cpSync(file, `${root}/${file.split('/').at(-1)}`);
    inside('dpkg', '--install', `/${old}`);
    assert.match(inside('dpkg-query', '--show', 'k8s-run'), /\t0\.0\.1-1\n$/);
    assert.match(inside('dpkg', '--install', `/${deb}`), /Unpacking k8s-run .* over \(0\.0\.1-1\)/);
    assert.equal(inside('k8s-run', '--version'), `${version}\n`, 'also where /proc is not mounted');
    const app = ['k8s-run', '--log-level', 'silent', '--ready', 'none', '--health-port', 'off', '--', 'echo', 'up'];
    assert.equal(inside('sh', '-c', 'mount -t proc proc /proc && exec "$@"', 'sh', ...app), 'up\n');
    assert.match(inside('kubectl-k8s_run', '--help'), /^Usage: kubectl k8s-run <command>/);
    assert.match(inside('kubectl-k8s_run', 'check', '--help'), /^Usage: kubectl k8s-run check/);
    assert.equal(
      inside('kubectl_complete-k8s_run', 'check', '--fo'),
      `${inside('k8s-run', 'completion', 'kubectl', '--', 'check', '--fo')}`,
    );
    assert.match(inside('kubectl_complete-k8s_run', 'check', '--fo'), /^--format\t.*\n:4\n$/);
    for (const page of ['k8s-run', 'kubectl-k8s_run'])
      assert.match(inside('man', '--where', page), /k8s-run\.1\.gz\n$/);
    assert.equal(inside('dpkg', '--verify', 'k8s-run').trim(), '');
    inside('dpkg', '--purge', 'k8s-run');
    const left = execFileSync(
      'find',
      [root, '-xdev', '-iname', '*k8s[-_]run*', '-not', '-name', '*.deb', '-not', '-path', '*/var/cache/*'],
      { encoding: 'utf8' },
    );
    assert.equal(left, '');
  });

  test('an image whose base cannot be had is named in one line, and all else is made', () => {
    const { code, stdout, stderr } = release(
      project,
      ...AGAIN,
      ...['--out', outs[1], '--node-image', 'registry.invalid/node:26'],
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^not made: \S+-image-node\.tar: its base registry\.invalid\/node:26 cannot be fetched: .*$/m);
    assert.equal(readdirSync(outs[1]).length, readdirSync(outs[0]).length - 1);
  });
});

describe('the version', () => {
  test('one command moves the package, its lock, the changelog, the pages and what is generated', () => {
    const clone = cloned();
    const run = release(clone, '--bump', '9.8.7');
    assert.equal(run.code, 0, run.stderr);
    assert.match(run.stdout, /git tag v9\.8\.7/);
    const read = (path: string): string => readFileSync(`${clone}/${path}`, 'utf8');
    assert.equal(JSON.parse(read('package.json')).version, '9.8.7');
    assert.equal(JSON.parse(read('package-lock.json')).packages[''].version, '9.8.7');
    const today = dateOf(read('CHANGELOG.md'), '9.8.7');
    assert.match(today ?? '', /^\d{4}-\d{2}-\d{2}$/);
    assert.equal(sectionOf(read('CHANGELOG.md'), 'Unreleased'), '');
    assert.match(read('man/k8s-run.1'), new RegExp(`^\\.TH K8S-RUN 1 "${today}" "k8s-run 9\\.8\\.7"`, 'm'));
    assert.match(read('README.md'), /k8s-run-9\.8\.7\.tgz/);
    assert.match(read('docs/how-to/ci.md'), /k8s-run@v9\.8\.7[\s\S]*rev: v9\.8\.7/);
    const old = spawnSync('git', ['grep', '-F', version, '--', '*.md', ':!docs/decisions', ':!CHANGELOG.md'], {
      cwd: clone,
      encoding: 'utf8',
    });
    assert.equal(old.stdout, '', 'no page has the version that was');
    assert.match(release(clone, '--bump', 'patch').stderr, /nothing to release/);
  });

  test('without --dry-run a commit without the tag, and a tree with changes, are refused', () => {
    const clone = cloned();
    assert.match(release(clone).stderr, /^cannot release: HEAD has no tag v\S+; try it with --dry-run\n$/);
    execFileSync('git', ['tag', `v${version}`], { cwd: clone });
    rmSync(`${clone}/LICENSE`);
    const { code, stderr } = release(clone);
    assert.equal(code, 1);
    assert.match(stderr, /^cannot release: the tree has changes that are not committed: D LICENSE\n$/);
  });

  test('an unknown option, and what is no step, are mistakes', () => {
    assert.equal(release(project, '--nope').code, 64);
    assert.equal(release(project, '--unchecked').code, 64);
    const { code, stderr } = release(project, '--bump', 'big');
    assert.deepEqual(
      [code, stderr],
      [1, 'cannot release: big is neither major, minor, patch nor a version such as 1.2.3\n'],
    );
  });
});
