import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { describe, test } from 'node:test';
import { cannotRun, FOLDER, makeRoot, PLACE, ROOTS, scratch } from './roots.ts';

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
});
