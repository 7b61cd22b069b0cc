import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { describe, test } from 'node:test';
import { until } from '../rig/deadline.ts';
import { cannotRun, FOLDER, makeRoot, PLACE, ROOTS, scratch } from './roots.ts';

const PARTS = ['bin', 'lib', 'licenses', 'sbom.cdx.json'];

type End = { readonly code: number | null; readonly out: string; readonly said: string };

function execute(...words: readonly string[]): End {
  const { status, stdout, stderr } = spawnSync(words[0] ?? '', words.slice(1), { encoding: 'utf8', timeout: 60_000 });
  return { code: status, out: stdout, said: stderr };
}

const run = (folder: string, ...before: readonly string[]): End =>
  execute(
    ...before,
    `${folder}/bin/k8s-run`,
    ...['--health-port=off', '--log-level=error', '--', '/bin/sh', '-c', 'exit 4'],
  );
/** In a mount namespace of its own, with a file system at $1; the rest of the words is executed there. */
const mounted = (at: string, options: string, ...words: readonly string[]): End =>
  execute(
    ...['unshare', '--mount', 'sh', '-c', `mount -t tmpfs -o ${options} tmpfs "$1" && shift && exec "$@"`, 'sh', at],
    ...words,
  );
const other = ['setpriv', '--reuid=65532', '--regid=65532', '--clear-groups', '--bounding-set=-all'];

/** Whether an attempt was killed while it copied the largest file, which takes a while and comes before the launcher. */
async function killHalfway(folder: string, around: string): Promise<boolean> {
  const child = spawn(`${FOLDER}/bin/k8s-run`, ['install', folder], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  await until('a part of it is written', () =>
    readdirSync(around, { recursive: true }).some((path) => String(path).endsWith('lib/k8s-run')),
  );
  child.kill('SIGKILL');
  const [code] = await ended;
  return code === null;
}

describe('k8s-run install', { skip: cannotRun() }, () => {
  for (const path of ['one', 'a deeper/path with spaces/k8s-run', `${'n'.repeat(120)}/k8s-run`])
    test(`a copy in ${path.slice(0, 24)} runs, for another user too`, () => {
      using box = scratch();
      const folder = `${box.path}/${path}`;
      const { code, out, said } = execute(`${FOLDER}/bin/k8s-run`, 'install', folder);
      assert.deepEqual({ code, said }, { code: 0, said: '' });
      assert.match(out, /copied to .*: \d+ files, 1\d\d MB, verified/);
      assert.deepEqual(run(folder), { code: 4, out: '', said: '' });
      assert.deepEqual(run(folder, ...other), { code: 4, out: '', said: '' });
      // And a copy makes a copy.
      assert.equal(execute(`${folder}/bin/k8s-run`, 'install', `${box.path}/second`).code, 0);
      assert.deepEqual(run(`${box.path}/second`), { code: 4, out: '', said: '' });
    });

  test('an init container without a shell, read-only and of another user, fills a volume from which a third user runs', () => {
    using box = scratch();
    const root = ROOTS.find(({ locked }) => locked);
    assert.ok(root);
    const volume = `${box.path}/root/volume`;
    mkdirSync(volume, { recursive: true });
    makeRoot(root, `${box.path}/root`);
    chmodSync(volume, 0o777);
    const script = [
      'set -e; root=$1',
      `mount --bind "$root" "$root"; mount --bind "$2" "$root${PLACE}"; mount -o remount,bind,ro "$root${PLACE}"`,
      'mount -t proc proc "$root/proc"; mount -t tmpfs -o mode=777 tmpfs "$root/volume"; mount -o remount,bind,ro "$root"',
      `chroot --userspec=65532:65532 "$root" ${PLACE}/bin/k8s-run install /volume`,
      'exec chroot --userspec=1234:1234 "$root" /volume/bin/k8s-run --version',
    ].join('\n');
    const { code, out, said } = execute('unshare', '--mount', 'sh', '-c', script, 'sh', `${box.path}/root`, FOLDER);
    assert.deepEqual({ code, said }, { code: 0, said: '' });
    assert.match(out, /copied to \/volume: .*verified\n\d+\.\d+\.\d+/);
  });

  test('a mount point is filled in place, and a noexec or full one is said and left empty', () => {
    using box = scratch();
    mkdirSync(`${box.path}/volume`);
    const install = [`${FOLDER}/bin/k8s-run`, 'install', `${box.path}/volume`];
    const look = ['sh', '-c', '"$@"; code=$?; ls -A "$0"; exit $code', `${box.path}/volume`, ...install];
    const good = mounted(`${box.path}/volume`, 'size=200m', ...look);
    assert.equal(good.code, 0);
    assert.match(good.out, /verified\nbin\nlib\nlicenses\nsbom\.cdx\.json\n$/);
    const noexec = mounted(`${box.path}/volume`, 'noexec,size=200m', ...look);
    assert.deepEqual({ code: noexec.code, out: noexec.out }, { code: 73, out: '' });
    assert.match(noexec.said, /^k8s-run install: cannot install into [^\n]* mounted noexec[^\n]*\n$/);
    const full = mounted(`${box.path}/volume`, 'size=60m', ...look);
    assert.deepEqual({ code: full.code, out: full.out }, { code: 73, out: '' });
    assert.match(full.said, /^k8s-run install: cannot install into [^\n]*no space left[^\n]*\n$/);
  });

  test('a folder that this user may not write is refused with the remedy', () => {
    using box = scratch();
    const { code, said } = execute(...other, `${FOLDER}/bin/k8s-run`, 'install', `${box.path}/new`);
    assert.equal(code, 73);
    assert.match(said, /this user may not write it; mount a volume/);
    assert.equal(existsSync(`${box.path}/new`), false);
    assert.deepEqual(readdirSync(box.path), []);
  });

  test('a read-only file system is refused, unless the folder is there already', () => {
    using box = scratch();
    const volume = `${box.path}/volume`;
    mkdirSync(volume);
    const install = [`${FOLDER}/bin/k8s-run`, 'install', volume];
    const refused = mounted(volume, 'ro', ...install);
    assert.equal(refused.code, 73);
    assert.match(refused.said, /^k8s-run install: cannot install into [^\n]* its file system is read-only; [^\n]*\n$/);
    const script = '"$@" && mount -o remount,ro "$0" && exec "$@"';
    const again = mounted(volume, 'size=200m', 'sh', '-c', script, volume, ...install);
    assert.deepEqual([again.code, again.said], [0, '']);
    assert.match(again.out, /copied to .*\n.* already: .* verified\n$/);
  });

  test('in a folder of someone else that all may write, one user installs and another one runs, and cannot replace it', () => {
    using box = scratch();
    const volume = `${box.path}/volume`;
    mkdirSync(volume);
    chownSync(volume, 500, 500);
    chmodSync(volume, 0o2777);
    const as = (uid: number): readonly string[] => [
      ...['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--bounding-set=-all'],
      ...['sh', '-c', 'umask 077 && exec "$@"', 'sh'],
    ];
    const install = [`${FOLDER}/bin/k8s-run`, 'install'];
    assert.equal(execute(...as(1000), ...install, volume).code, 0);
    assert.deepEqual(run(volume, ...as(2000)), { code: 4, out: '', said: '' });
    assert.match(execute(...as(2000), ...install, volume).out, / already: .* verified/);
    writeFileSync(`${volume}/licenses/more`, '');
    const refused = execute(...as(2000), ...install, '--force', volume);
    assert.equal(refused.code, 73);
    assert.match(refused.said, /this user may not write it/);
    assert.deepEqual(run(volume, ...as(2000)), { code: 4, out: '', said: '' });
    assert.deepEqual(readdirSync(volume), PARTS);
    assert.equal(execute(...as(1000), ...install, volume).code, 0);
  });

  test('an installed folder that is moved, copied or linked to runs from there', () => {
    using box = scratch();
    assert.equal(execute(`${FOLDER}/bin/k8s-run`, 'install', `${box.path}/first`).code, 0);
    mkdirSync(`${box.path}/one/two`, { recursive: true });
    renameSync(`${box.path}/first`, `${box.path}/one/two/moved`);
    execute('cp', '-a', `${box.path}/one/two/moved`, `${box.path}/with spaces and ümlauts`);
    symlinkSync('one/two/moved', `${box.path}/linked`);
    for (const path of ['one/two/moved', 'with spaces and ümlauts', 'linked'])
      assert.deepEqual(run(`${box.path}/${path}`, ...other), { code: 4, out: '', said: '' }, path);
  });

  test('the same version a second time changes nothing, and a folder with something else is left alone', () => {
    using box = scratch();
    const install = [`${FOLDER}/bin/k8s-run`, 'install', `${box.path}/folder`];
    const facts = (): string => execute('find', `${box.path}/folder`, '-printf', '%p %i %C@\n').out;
    execute(...install);
    const before = facts();
    assert.match(execute(...install).out, / already: .* verified/);
    assert.match(execute(...install, '--force').out, / already: .* verified/);
    assert.equal(facts(), before);
    writeFileSync(`${box.path}/folder/notes.txt`, 'mine');
    const foreign = execute(...install, '--force');
    assert.equal(foreign.code, 73);
    assert.match(foreign.said, /it has notes\.txt, which is no part of k8s-run/);
  });

  test('a damaged copy is found and replaced, with a sentence', () => {
    using box = scratch();
    const folder = `${box.path}/folder`;
    const install = [`${FOLDER}/bin/k8s-run`, 'install', folder];
    execute(...install);
    truncateSync(`${folder}/lib/k8s-run`, 1_000_000);
    const { code, said } = execute(...install);
    assert.equal(code, 0);
    assert.equal(said, `k8s-run install: ${folder} had a damaged copy of this version: lib/k8s-run; it was replaced\n`);
    assert.deepEqual(run(folder, ...other), { code: 4, out: '', said: '' });
    assert.deepEqual(readdirSync(folder), PARTS);
  });

  test('what cannot be replaced as a whole stays, for a full disk and for a part that cannot be renamed', () => {
    using box = scratch();
    const volume = `${box.path}/volume`;
    mkdirSync(volume);
    // Another build, by its bill of materials.
    const age = 'echo >>"$0/sbom.cdx.json"';
    const app = '"$0/bin/k8s-run" --health-port=off --log-level=error -- true && ls -A "$0"; exit $code';
    for (const [before, said] of [
      ['dd if=/dev/zero of="$0/lost+found" bs=1M count=80 2>/dev/null', /no space left/],
      ['mount --bind "$0/lib" "$0/lib"', /something is mounted there/],
    ] as const) {
      const script = `"$@" && ${age} && ${before}; "$@" --force; code=$?; ${app}`;
      const install = [`${FOLDER}/bin/k8s-run`, 'install', volume];
      const end = mounted(volume, 'size=300m', 'sh', '-c', script, volume, ...install);
      assert.equal(end.code, 73, end.said);
      assert.match(end.said, said);
      assert.match(end.out, /verified\nbin\nlib\nlicenses\n(lost\+found\n)?sbom\.cdx\.json\n$/);
    }
  });

  for (const exists of [true, false])
    test(`an attempt that is killed halfway is completed by the next one, in a folder that ${exists ? 'exists' : 'does not'}`, async () => {
      using box = scratch();
      const folder = `${box.path}/folder`;
      // On a busy machine it may be done before anybody looks.
      for (let killed = false; !killed; ) {
        rmSync(folder, { recursive: true, force: true });
        if (exists) mkdirSync(folder);
        killed = await killHalfway(folder, box.path);
      }
      assert.equal(existsSync(`${folder}/bin/k8s-run`), false);
      const { code, out, said } = execute(`${FOLDER}/bin/k8s-run`, 'install', folder);
      assert.deepEqual({ code, said }, { code: 0, said: '' });
      assert.match(out, /copied to .*, verified\n$/);
      assert.deepEqual(readdirSync(box.path), ['folder']);
      assert.deepEqual(readdirSync(folder), PARTS);
      assert.deepEqual(run(folder), { code: 4, out: '', said: '' });
    });
});
