import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Program } from '../../scripts/programs.js';
import { needs } from '../rig/needs.ts';

const here = (path: string): string => new URL(path, import.meta.url).pathname;

/** The folder as `npm run build:bundle` made it, and where an image has it. */
export const FOLDER: string = here(`../../dist-bundle/${process.arch}/k8s-run`);
export const PLACE = '/opt/k8s-run';

/** A folder of the test's own, away when it is disposed of. */
export type Scratch = Disposable & { readonly path: string };

export function scratch(): Scratch {
  const path = mkdtempSync(join(tmpdir(), 'k8s-run-bundle-'));
  chmodSync(path, 0o755);
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** For `skip` of node:test: false, or what is missing. */
export function cannotRun(...programs: readonly Program[]): string | false {
  return process.getuid?.() === 0 ? needs(...programs) : 'making namespaces and changing the root takes root';
}

if (!existsSync(`${FOLDER}/bin/k8s-run`)) throw new Error(`no ${FOLDER}; run npm run build:bundle first`);
// Figures of a former build would pass for those of this one.
if (!readFileSync(`${FOLDER}/lib/program/dist/main.js`).equals(readFileSync(here('../../dist/main.js'))))
  throw new Error(`${FOLDER} is of another build than dist/; run npm run build:bundle again`);

/** Compiles a C file of this folder. */
export function compile(source: string, out: string, ...words: readonly string[]): void {
  const [compiler = 'gcc', ...flags] = words.length === 0 ? ['gcc', '-static'] : words;
  execFileSync(compiler, [...flags, '-Wall', '-Werror', '-o', out, here(source)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** A root file system, as an image would have it: what is in it, and how its container is started. */
export type Root = {
  readonly name: string;
  readonly fill: (root: string) => void;
  /** Mounted so that nothing in it can be written, and the process is another user's without any capability. */
  readonly locked: boolean;
};

export const ROOTS: readonly Root[] = [
  { name: 'an empty root with a static binary', locked: false, fill: (root) => compile('app.c', `${root}/app`) },
  {
    name: 'a root with musl, as Alpine has it',
    locked: false,
    fill(root) {
      compile('app.c', `${root}/app`, 'musl-gcc');
      const [loader] = linkedWith(`${root}/app`);
      for (const each of [loader ?? '', '/lib/x86_64-linux-musl/libc.so']) if (existsSync(each)) take(each, root);
    },
  },
  {
    name: 'a slim Debian',
    locked: false,
    fill(root) {
      compile('app.c', `${root}/app`, 'gcc');
      for (const program of ['/bin/sh', '/bin/ls', '/bin/cat', '/usr/bin/env', `${root}/app`]) {
        for (const each of [...linkedWith(program), program]) if (!each.startsWith(root)) take(each, root);
      }
      // Another libc's cache and preferences: not for us.
      take('/etc/ld.so.cache', root);
      writeFileSync(join(root, 'etc/nsswitch.conf'), 'hosts: files dns\n');
    },
  },
  {
    name: 'a root without a shell, read-only, for another user',
    locked: true,
    fill(root) {
      compile('app.c', `${root}/app`);
      mkdirSync(`${root}/etc`);
      writeFileSync(`${root}/etc/passwd`, 'nonroot:x:65532:65532::/:/sbin/nologin\n');
    },
  },
];

/** The loader first, then what it would load. */
function linkedWith(program: string): readonly string[] {
  const interpreter = execFileSync('patchelf', ['--print-interpreter', program], { encoding: 'utf8' }).trim();
  if (interpreter.includes('musl')) return [interpreter];
  const lines = execFileSync('ldd', [program], { encoding: 'utf8' }).split('\n');
  return [interpreter, ...lines.flatMap((line) => /=> (\/\S+)/.exec(line)?.[1] ?? [])];
}

function take(file: string, root: string): void {
  mkdirSync(dirname(root + file), { recursive: true });
  copyFileSync(file, root + file);
}

export function makeRoot({ fill }: Root, path: string): void {
  for (const each of ['opt/k8s-run', 'proc', 'dev']) mkdirSync(`${path}/${each}`, { recursive: true });
  writeFileSync(`${path}/dev/null`, '');
  fill(path);
}

const USER = '65532:65532';

/** What stands before k8s-run to make it PID 1 in that root: namespaces, mounts, chroot. The folder is read-only there. */
export function inRoot(path: string, locked: boolean, folder: string = FOLDER): readonly string[] {
  const script = [
    'set -e',
    `mount --bind "$1" "$1" && mount --bind "$2" "$1${PLACE}" && mount -o remount,bind,ro "$1${PLACE}"`,
    // What every container runtime puts there.
    'mount -t proc proc "$1/proc" && mount --bind /dev/null "$1/dev/null"',
    locked ? 'mount -o remount,bind,ro "$1"' : ':',
    `root=$1; shift 2; exec chroot ${locked ? `--userspec=${USER}` : ''} "$root" "$@"`,
  ].join('\n');
  return [...['unshare', '--mount', '--pid', '--fork', '--kill-child'], 'sh', '-c', script, 'sh', path, folder];
}
