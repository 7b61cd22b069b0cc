import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { arch as here } from 'node:process';
import { LAUNCHER, MARK } from '../src/start-over.ts';
import { type Arch, DEBIAN, FLAGS, SETTINGS } from './runtime.ts';

const home = new URL('.', import.meta.url).pathname;
const dist = new URL('../dist/', import.meta.url).pathname;

/** V8's header of a code cache (src/snapshot/code-serializer.h): the fourth word is the hash of the flags. */
const FLAGS_HASH = { from: 12, to: 16 } as const;
/** Names are hashed with a seed, and code is laid out by hash: with a fixed one, the same source gives the same bytes. */
const SAME_EVERY_TIME = '--hash-seed=1';

/** Puts dist/ into `folder`/lib/program, main.js as one expression, which is what start.cjs runs. */
export function layProgram(folder: string): void {
  const program = `${folder}/lib/program`;
  mkdirSync(program, { recursive: true });
  cpSync(`${dist}later`, `${program}/later`, { recursive: true });
  cpSync(`${home}start.cjs`, `${program}/start.js`);
  const main = readFileSync(`${dist}main.js`, 'utf8');
  // Read as Latin-1, which is quicker and is the same for ASCII.
  if (/[^\0-\x7f]/.test(main)) throw new Error('cannot bundle main.js: it is not ASCII');
  writeFileSync(`${program}/main.js`, `(function(require){${main}\n})`);
  writeFileSync(`${program}/package.json`, '{ "type": "commonjs" }\n');
}

/**
 * Makes main.cache by running the folder's own runtime. V8 marks a cache with the flags it was made under, and the fixed
 * seed is one: the mark is replaced by that of the flags it will be used under, and V8 asked whether it takes it.
 */
export function cacheCode(folder: string, arch: Arch, scratch: string): void {
  const cache = `${folder}/lib/program/main.cache`;
  warm(folder, arch, [SAME_EVERY_TIME], 'code', cache);
  const stamp = `${scratch}/stamp`;
  warm(folder, arch, [], 'stamp', stamp);
  const bytes = readFileSync(cache);
  readFileSync(stamp).copy(bytes, FLAGS_HASH.from, FLAGS_HASH.from, FLAGS_HASH.to);
  writeFileSync(cache, bytes);
  warm(folder, arch, [], 'check', cache);
  rmSync(stamp);
}

/** Whether programs of that machine can be run on this one. */
export function runs(arch: Arch): boolean {
  return arch === here || spawnSync(DEBIAN[arch].qemu, ['--version']).status === 0;
}

/** What runs the folder's runtime from wherever the folder is: its loader, under qemu for another machine. */
export function runtimeCommand(folder: string, arch: Arch): readonly string[] {
  const loader = `${folder}/lib/${DEBIAN[arch].loader}`;
  const command = [loader, '--inhibit-cache', '--library-path', `${folder}/lib`, `${folder}/lib/k8s-run`];
  return arch === here ? command : [DEBIAN[arch].qemu, ...command];
}

function warm(folder: string, arch: Arch, flags: readonly string[], mode: string, out: string): void {
  const [program = '', ...words] = runtimeCommand(folder, arch);
  const args = [...words, ...FLAGS, ...flags, `${home}warm.cjs`, `${folder}/lib/program`, mode, out];
  // As from the launcher: the app's variables under names of their own.
  const settings = Object.fromEntries(SETTINGS.map((each) => each.split('=')));
  const env = { ...settings, [LAUNCHER]: `${folder}/bin/k8s-run`, [`${MARK}PATH`]: '/usr/bin:/bin' };
  const { status, stderr, error } = spawnSync(program, args, { env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`cannot make the code cache (${mode}): ${error?.message ?? stderr}`);
}
