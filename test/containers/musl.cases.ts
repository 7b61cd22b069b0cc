import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { until } from '../rig/deadline.ts';
import { childrenOf, firstIn, noNamespace } from '../rig/namespace.ts';
import { needs } from '../rig/needs.ts';
import { BIN, start } from '../rig/supervised.ts';

/** As the machine calls itself, in the names of Debian's and musl's files. */
const MACHINE = { x64: 'x86_64', arm64: 'aarch64' }[process.arch as string] ?? process.arch;
const GLIBC = '/opt/glibc';
const skip = noNamespace || needs('musl-gcc');

let root = '';

/** A root with musl, an app of musl, k8s-run, and node with its own loader and libraries: no shell, no other program. */
function makeRoot(): void {
  root = mkdtempSync(join(tmpdir(), 'k8s-run-musl-'));
  for (const folder of ['proc', 'dev', 'tmp', 'lib', GLIBC]) mkdirSync(join(root, folder), { recursive: true });
  copyFileSync(`/lib/${MACHINE}-linux-musl/libc.so`, join(root, `lib/ld-musl-${MACHINE}.so.1`));
  const source = new URL('./musl-app.c', import.meta.url).pathname;
  execFileSync('musl-gcc', ['-Wall', '-Werror', '-O1', '-o', join(root, 'app'), source], { stdio: 'inherit' });
  const home = dirname(dirname(BIN));
  for (const part of ['bin', 'dist', 'package.json']) copy(join(home, part));
  copy(process.execPath);
  for (const [, path = ''] of execFileSync('ldd', [process.execPath], { encoding: 'utf8' }).matchAll(/(\/\S+) \(0x/g)) {
    copyFileSync(path, join(root, GLIBC, basename(path)));
  }
}

function copy(path: string): void {
  cpSync(path, join(root, path), { recursive: true, dereference: true });
}

describe('in a root with musl', { skip }, () => {
  before(makeRoot);
  after(() => rmSync(root, { recursive: true, force: true }));

  test('as process 1 in a root with musl k8s-run finds the port, reaps orphans, ends the tree on TERM, and exits with the app’s code', async () => {
    const into = 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"';
    const loader = `${GLIBC}/${MACHINE === 'x86_64' ? 'ld-linux-x86-64.so.2' : 'ld-linux-aarch64.so.1'}`;
    const namespace = ['unshare', '--pid', '--fork', '--kill-child', '--mount', '--propagation', 'private'];
    const prefix = [...namespace, 'sh', '-c', into, root, loader, '--library-path', GLIBC];
    const options = ['--shutdown-delay', '100ms', '--grace', '2s', '--probe-period', '100ms', '--log-level', 'debug'];
    await using run = start(options, ['/app'], { prefix });
    await run.line('ready');
    await run.line('reaped', ({ code }) => code === 5);
    assert.equal(run.stdout(), 'child of 1\n');
    assert.equal((await run.get('/readyz')).status, 200);
    const first = await firstIn(run.pid);
    await until('no zombie is left', () => childrenOf(first).every(({ state }) => state !== 'Z'));
    process.kill(first, 'SIGTERM');
    assert.deepEqual(await run.ended(), { code: 3, signal: null }, run.stderr());
    assert.deepEqual(
      ((await run.line('leftovers'))['leftovers'] as readonly { program: string }[]).map(({ program }) => program),
      ['app'],
    );
    assert.doesNotMatch(run.stderr(), /Experimental|"fault"|"killing"/);
  });
});
