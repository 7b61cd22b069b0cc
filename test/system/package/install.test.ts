import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { needs } from '../../rig/needs.ts';
import { nodes } from '../../rig/other-nodes.ts';
import { npms, type OtherNpm } from '../../rig/other-npms.ts';

const project = new URL('../../../', import.meta.url).pathname;
const isRoot = process.getuid?.() === 0;
/** A user who is neither root nor the owner of anything. */
const STRANGER = ['setpriv', '--reuid=65532', '--regid=65532', '--clear-groups'];
const APP = ['--health-port=off', '--ready=none', '--log-level=error', '--', 'sh', '-c', 'exit 7'];

type Finished = { readonly code: number | null; readonly said: string };

/** Nothing of the variables and the npm of whoever runs the test. */
function execute(words: readonly string[], { path = '', home = '/nonexistent', cwd = '/' } = {}): Finished {
  const [program = '', ...rest] = words;
  const { status, stdout, stderr, error } = spawnSync(program, rest, {
    cwd,
    encoding: 'utf8',
    env: { PATH: `${path}${path === '' ? '' : ':'}${process.env['PATH']}`, ...(home === '' ? {} : { HOME: home }) },
  });
  return { code: status, said: `${stdout}${stderr}${error?.message ?? ''}` };
}

/** A folder of the test with the packed package, and a `node` that everyone may execute. */
const folder = mkdtempSync(join(tmpdir(), 'k8s-run-install-'));
const PATH = join(folder, 'path');
let archive = '';

before(() => {
  chmodSync(folder, 0o755);
  mkdirSync(PATH, { mode: 0o755 });
  mkdirSync(join(folder, 'home'));
  copyFileSync(process.execPath, join(PATH, 'node'));
  chmodSync(join(PATH, 'node'), 0o755);
  // Its build would put another dist/ below the tests that run beside this one.
  const words = ['npm', 'pack', '--ignore-scripts', '--pack-destination', folder];
  const packed = execute(words, { cwd: project, home: join(folder, 'home') });
  assert.equal(packed.code, 0, packed.said);
  archive = join(folder, `k8s-run-${JSON.parse(readFileSync(`${project}package.json`, 'utf8')).version}.tgz`);
});
after(() => rmSync(folder, { recursive: true, force: true }));

let installs = 0;

/** Installs the package as `npm install --global` does; returns the prefix. */
function install({ words }: Pick<OtherNpm, 'words'>, ...options: readonly string[]): Finished & { prefix: string } {
  installs += 1;
  const prefix = join(folder, `prefix-${installs}`);
  const all = [...words, 'install', '--global', '--offline', '--no-audit', '--no-fund', `--prefix=${prefix}`];
  return { ...execute([...all, ...options, archive], { path: PATH, home: join(folder, 'home') }), prefix };
}

/** npm 12 and later leave it in the package: https://github.com/npm/bin-links/pull/163. */
const LAST_WITH_MANUALS = 11;

for (const npm of npms()) {
  const manual =
    Number.parseInt(/\d+/.exec(npm.name)?.[0] ?? '', 10) <= LAST_WITH_MANUALS
      ? 'share/man/man1/k8s-run.1'
      : 'lib/node_modules/k8s-run/man/k8s-run.1';
  test(`${npm.name} installs the command and its manual, and warns of nothing`, { skip: npm.skip }, () => {
    for (const options of [[], ['--ignore-scripts']]) {
      const { code, said, prefix } = install(npm, ...options);
      assert.equal(code, 0, said);
      assert.doesNotMatch(said, /warn(?!.*(EBADENGINE|Unknown))/i);
      assert.match(readFileSync(join(prefix, manual), 'utf8'), /^\.TH K8S/m);
      assert.deepEqual(execute([join(prefix, 'bin/k8s-run'), ...APP], { path: PATH }), { code: 7, said: '' });
    }
  });
}

for (const node of nodes().slice(1)) {
  const major = Number.parseInt(/\d+/.exec(node.name)?.[0] ?? '', 10);
  test(`the package on ${node.name}: it runs, or says which Node it needs`, { skip: node.skip }, () => {
    const { prefix } = install({ words: ['npm'] });
    for (const words of [APP, ['probe'], ['--version']]) {
      const { code, said } = execute([node.path, join(prefix, 'bin/k8s-run'), ...words]);
      if (major >= 24) assert.ok(code !== 78 && !said.includes('    at '), said);
      else assert.match(`${code} ${said}`, /^78 k8s-run: cannot run on Node [\d.]+; it needs Node 24 or newer\n$/);
    }
  });
}

describe('installed by root, and run by another user', {
  skip: isRoot ? needs('setpriv', 'unshare') : 'it takes root',
}, () => {
  test('the app starts without a home, with one that cannot be written, and in a folder that cannot be read', () => {
    const { prefix } = install({ words: ['npm'] });
    const closed = join(folder, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    for (const where of [{ home: '' }, { home: '/nonexistent' }, { home: closed, cwd: closed }]) {
      const run = (...words: readonly string[]): Finished =>
        execute([...STRANGER, join(prefix, 'bin/k8s-run'), ...words], { path: PATH, ...where });
      assert.deepEqual(run(...APP), { code: 7, said: '' });
      assert.deepEqual(run('--version').code, 0);
      // A folder with nothing in it that may be read; the whole disk would take minutes.
      for (const words of [['probe'], ['check', where.cwd === undefined ? folder : '.'], ['env']])
        assert.doesNotMatch(run(...words).said, /internal error|^ {4}at /m);
    }
  });

  test('the app starts where nothing can be written', () => {
    const { prefix } = install({ words: ['npm'] });
    const script = 'mount -o remount,ro,bind / / && ! touch "$0" 2>/dev/null && exec "$@"';
    const run = execute(['unshare', '--mount', 'sh', '-c', script, prefix, join(prefix, 'bin/k8s-run'), ...APP], {
      path: PATH,
    });
    assert.deepEqual(run, { code: 7, said: '' });
  });

  test('a part of the package that this user may not read is named, with the way out', () => {
    const { prefix } = install({ words: ['npm'] });
    const dist = join(prefix, 'lib/node_modules/k8s-run/dist');
    const said = (...words: readonly string[]): string => {
      const run = execute([...STRANGER, join(prefix, 'bin/k8s-run'), ...words], { path: PATH });
      return `${run.code} ${run.said}`;
    };
    const denied = (part: string): RegExp =>
      new RegExp(
        `^70 k8s-run: cannot read dist/${part}: permission denied for the user 65532; let all users read the package: chmod -R go\\+rX, .*\n$`,
      );
    for (const [path, mode, words, part] of [
      ['main.js', 0o600, APP, 'main\\.js'],
      ['later', 0o700, APP, 'later'],
      ['later', 0o700, ['probe'], 'later/cli-probe\\.js'],
      ['later/cli-probe.js', 0o600, ['probe'], 'later/cli-probe\\.js'],
      ['', 0o700, APP, 'main\\.js'],
    ] as const) {
      const full = join(dist, path);
      const normal = path.endsWith('.js') ? 0o644 : 0o755;
      chmodSync(full, mode);
      assert.match(said(...words), denied(part), path);
      chmodSync(full, normal);
    }
    chmodSync(join(dist, 'main.cache'), 0o600);
    assert.equal(said(...APP), '7 ');
  });
});

test('a link to the command from another folder runs it', () => {
  const { prefix } = install({ words: ['npm'] });
  const link = join(folder, 'link');
  symlinkSync(join(prefix, 'bin/k8s-run'), link);
  assert.deepEqual(execute([link, ...APP], { path: dirname(join(PATH, 'node')) }), { code: 7, said: '' });
});
