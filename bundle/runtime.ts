import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { arch as here } from 'node:process';
import { keptFolder } from '../scripts/kept-folder.ts';

/** The architectures for which there is a folder, by Node's names. */
export type Arch = 'x64' | 'arm64';

/** The names of an architecture in Debian and its tools. */
export const DEBIAN = {
  x64: { name: 'amd64', triplet: 'x86_64-linux-gnu', loader: 'ld-linux-x86-64.so.2', qemu: 'qemu-x86_64-static' },
  arm64: { name: 'arm64', triplet: 'aarch64-linux-gnu', loader: 'ld-linux-aarch64.so.1', qemu: 'qemu-aarch64-static' },
} as const;

/**
 * The version of npm's package of Node, which is Node's official build, and the SHA-256 of its binaries, so that no other binary
 * is shipped. A new version is set in package.json and here.
 */
export const NODE_VERSION = '26.10.0';
const SUMS: Readonly<Record<Arch, string>> = {
  x64: 'ab9c8eecf9f82d6693cdc3accced17034065c8d96213b0aa76a7e803d20ae1da',
  arm64: '71b004f18a82f3ea8f26109798564a12e5e4c7989a4c35b93851830b5815dd03',
};

/**
 * Flags of the runtime. SIGUSR1 must never open an inspector. A small young generation saves 1 MiB, because k8s-run makes little
 * garbage. No flag of V8 may be here that makes it refuse Node's embedded code cache: docs/decisions/0052-memory-settings.md
 * names them.
 */
export const FLAGS: readonly string[] = ['--disable-sigusr1', '--max-semi-space-size=1', '--v8-pool-size=0'];
/** Its environment beside the app's variables. One malloc arena is enough, because only one thread works. */
export const SETTINGS: readonly string[] = ['MALLOC_ARENA_MAX=1'];

const root = new URL('..', import.meta.url).pathname;
/** Files that were fetched for other architectures, kept between builds. */
export const CACHE: string = `${root}node_modules/.cache/k8s-run-bundle`;

export const toolFor = (arch: Arch, tool: string): string => (arch === here ? tool : `${DEBIAN[arch].triplet}-${tool}`);

/** The folder of npm's package with bin/node and LICENSE, which is fetched for another architecture. */
export function nodePackage(arch: Arch): string {
  const name = `node-linux-${arch}`;
  const installed = [`${root}node_modules/node/node_modules/${name}`, `${root}node_modules/${name}`].find(existsSync);
  const folder = installed ?? fetched(name);
  return folder;
}

const fetched = (name: string): string =>
  keptFolder(`${CACHE}/${name}-${NODE_VERSION}`, (folder) => {
    const words = ['pack', `${name}@${NODE_VERSION}`, '--silent', '--pack-destination', folder];
    const archive = execFileSync('npm', words, { cwd: folder, encoding: 'utf8' }).trim();
    execFileSync('tar', ['-xf', `${folder}/${archive}`, '-C', folder, '--strip-components=1']);
    rmSync(`${folder}/${archive}`);
  });

/** The published binary. For this machine's architecture npm moves it to bin/node of the package `node`. */
export function nodeBinary(arch: Arch): Buffer {
  const candidates = [`${nodePackage(arch)}/bin/node`, `${root}node_modules/node/bin/node`];
  for (const file of candidates.filter(existsSync)) {
    const bytes = readFileSync(file);
    if (createHash('sha256').update(bytes).digest('hex') === SUMS[arch]) return bytes;
  }
  throw new Error(
    `cannot use node ${NODE_VERSION} for ${arch}: no file of npm's package has the SHA-256 ${SUMS[arch]}; run npm ci, and after a new version of node set the sums in bundle/runtime.ts`,
  );
}
