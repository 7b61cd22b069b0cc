import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { finish } from '../rig/finished.ts';
import { start } from '../rig/supervised.ts';
import { cannotRun, compile, PLACE, type Scratch, scratch } from './roots.ts';

const project = new URL('../../', import.meta.url).pathname;
const QEMU = '/usr/bin/qemu-aarch64-static';
/** binfmt_misc (the kernel's admin guide): an ELF header of EM_AARCH64; F opens the interpreter now, before the chroot. */
const FORMAT = [
  ':k8s-run-arm64:M::',
  String.raw`\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:`,
  String.raw`\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:`,
  `${QEMU}:OCF`,
].join('');

/** The kernel's table of formats belongs to a user namespace since Linux 6.7: this machine's own is left as it is. */
const OWN_FORMATS = [
  ...['unshare', '--user', '--map-root-user', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', 'sh', '-c'],
  'mount -t binfmt_misc none /proc/sys/fs/binfmt_misc && printf %s "$1" >/proc/sys/fs/binfmt_misc/register && shift && exec "$@"',
  ...['sh', FORMAT],
];

function cannotEmulate(): string | false {
  if (process.arch !== 'x64') return 'this is no x64 machine; the other tests run on the folder of its own kind';
  const missing = cannotRun('qemu-aarch64-static', 'aarch64-linux-gnu-gcc', 'aarch64-linux-gnu-objcopy', 'patchelf');
  if (missing !== false) return missing;
  try {
    execFileSync(OWN_FORMATS[0] ?? '', [...OWN_FORMATS.slice(1), 'true'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'a user namespace cannot have formats of its own here (Linux 6.7)';
  }
}

describe('the folder for arm64, under qemu', { skip: cannotEmulate() }, () => {
  let root: Scratch;
  before(() => {
    root = scratch();
    const folder = `${root.path}${PLACE}`;
    execFileSync(process.execPath, [`${project}bundle/build.ts`, '--arch', 'arm64', '--out', `${root.path}/made`]);
    mkdirSync(`${root.path}/opt`);
    cpSync(`${root.path}/made`, folder, { recursive: true });
    compile('app-arm64.c', `${root.path}/app`, 'aarch64-linux-gnu-gcc', '-static', '-nostdlib', '-ffreestanding');
    for (const each of ['proc', 'dev']) mkdirSync(`${root.path}/${each}`);
    writeFileSync(`${root.path}/dev/null`, '');
  });
  after(() => root[Symbol.dispose]());

  const inRoot = (): { prefix: readonly string[]; program: readonly string[]; env: NodeJS.ProcessEnv } => ({
    prefix: [
      ...OWN_FORMATS,
      'sh',
      '-c',
      `mount -t proc proc "$1/proc"; root=$1; shift; exec chroot "$root" "$@"`,
      'sh',
      root.path,
    ],
    program: [`${PLACE}/bin/k8s-run`],
    env: { LD_PRELOAD: '' },
  });

  test('the folder for arm64 starts its app as process 1 and exits with its code', async () => {
    assert.ok(existsSync(`${root.path}${PLACE}/lib/program/dist/main.cache`), 'with its code cache');
    const { code, stdout, stderr } = await finish(['--ready', 'none'], ['/app'], inRoot());
    assert.deepEqual({ code, stdout }, { code: 7, stdout: 'up\n' }, stderr);
  });

  test('the folder for arm64 answers health requests and relays TERM', async () => {
    await using run = start(['--ready', 'none', '--shutdown-delay', '0'], ['/app', 'stay'], inRoot());
    await run.line('ready');
    assert.equal((await run.get('/readyz')).status, 200);
    const { firstIn } = await import('../rig/namespace.ts');
    process.kill(await firstIn(run.pid), 'SIGTERM');
    assert.equal((await run.ended()).code, 128 + 15, run.stderr());
  });
});
