import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keptFolder } from '../../scripts/kept-folder.ts';

const PROJECT: string = new URL('../../', import.meta.url).pathname;
const CACHE = join(PROJECT, 'node_modules/.cache/vm');
const INIT = new URL('init.sh', import.meta.url);

const SUITE = 'bookworm';
const MIRROR = 'http://deb.debian.org/debian';
/** What the tests run in the machine. unshare, nsenter, setpriv and prlimit are in every Debian. */
const PACKAGES = ['iproute2', 'libatomic1', 'python3-minimal'];
/** Its newest kernel for clouds: small, and with all that a machine of qemu needs built in. */
const KERNEL = 'linux-image-cloud-amd64';
const UNUSED = ['var/cache/apt', 'var/lib/apt/lists', 'usr/share/doc', 'usr/share/man', 'usr/share/locale', 'boot'];

/** Kernel and root file system: the path of vmlinuz, and of an archive for the kernel to unpack into memory. */
export type System = { readonly kernel: string; readonly root: string };

/** Makes them in a minute, and keeps them in node_modules/.cache. */
export function prepareSystem(): System {
  const recipe = [SUITE, MIRROR, ...PACKAGES, KERNEL, ...UNUSED].join('\n');
  const folder = join(CACHE, createHash('sha256').update(recipe).digest('hex').slice(0, 16));
  keptFolder(folder, (making) => {
    process.stderr.write('making a root file system of Debian and a kernel: about a minute, once\n');
    const root = join(making, 'root');
    run('debootstrap', ['--variant=minbase', `--include=${PACKAGES.join(',')}`, SUITE, root, MIRROR]);
    takeKernel(root, join(making, 'vmlinuz'));
    for (const each of UNUSED) rmSync(join(root, each), { recursive: true, force: true });
    pack(root, join(making, 'root.cpio.zst'));
    rmSync(root, { recursive: true });
  });
  return { kernel: join(folder, 'vmlinuz'), root: join(folder, 'root.cpio.zst') };
}

/** By the apt of the new root, which knows Debian's packages on whatever machine this is. Only its vmlinuz is used. */
function takeKernel(root: string, target: string): void {
  const script = [
    'set -e; cd /boot',
    'apt-get update -qq',
    `image=$(apt-cache depends ${KERNEL} | sed -n 's/^ *Depends: \\(linux-image-.*\\)/\\1/p' | head -n 1)`,
    'apt-get download -qq -o APT::Sandbox::User=root "$image"',
    'dpkg-deb --fsys-tarfile ./*.deb | tar -x --wildcards "./boot/vmlinuz-*"',
  ].join('\n');
  run('chroot', [root, 'sh', '-c', script]);
  const [image] = readdirSync(join(root, 'boot/boot'));
  if (image === undefined) throw new Error(`no kernel in ${KERNEL}`);
  copyFileSync(join(root, 'boot/boot', image), target);
}

/** PID 1, the project as its tests need it, and the Node that runs this, as an archive. Disposing removes it. */
export function packProject(): Disposable & { readonly path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'k8s-run-vm-'));
  const dispose = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const target = join(folder, 'root/k8s-run');
    for (const each of ['package.json', 'bin', 'dist', 'src', 'test', 'bench', 'scripts', 'docs/how-to']) {
      cpSync(join(PROJECT, each), join(target, each), { recursive: true });
    }
    mkdirSync(join(folder, 'root/usr/local/bin'), { recursive: true });
    copyFileSync(realpathSync(process.execPath), join(folder, 'root/usr/local/bin/node'));
    copyFileSync(INIT, join(folder, 'root/init'));
    chmodSync(join(folder, 'root/init'), 0o755);
    const path = join(folder, 'project.cpio.zst');
    pack(join(folder, 'root'), path);
    return { path, [Symbol.dispose]: dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

/** An archive as the kernel unpacks it (Documentation/driver-api/early-userspace/buffer-format.rst). */
function pack(folder: string, target: string): void {
  const script = 'find . -print0 | cpio --null --create --format=newc --owner=0:0 --quiet | zstd -3 --quiet -o "$1"';
  run('sh', ['-c', script, 'sh', target], folder);
}

function run(program: string, words: readonly string[], cwd?: string): void {
  const { status, stdout, stderr, error } = spawnSync(program, words, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: Number.POSITIVE_INFINITY,
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program} ended with ${status}\n${stdout}${stderr}`);
}
