import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync } from 'node:fs';
import { arch as here } from 'node:process';
import { cacheCode } from '../scripts/code-cache.ts';
import { LAUNCHER_ENV, MARK } from '../src/boot/reexec.ts';
import { type Arch, DEBIAN, FLAGS, SETTINGS } from './runtime.ts';

const project = new URL('../', import.meta.url).pathname;

/** Puts what the package has of bin/ and dist/ into `folder`/lib/program, but for the cache, which is another runtime's. */
export function layProgram(folder: string): void {
  const program = `${folder}/lib/program`;
  mkdirSync(`${program}/dist`, { recursive: true });
  cpSync(`${project}bin`, `${program}/bin`, { recursive: true });
  for (const each of ['main.js', 'node-drain.js', 'later', 'package.json'])
    cpSync(`${project}dist/${each}`, `${program}/dist/${each}`, { recursive: true });
}

/** Makes main.cache by running the folder's own runtime. */
export function layCodeCache(folder: string, arch: Arch): void {
  const program = `${folder}/lib/program`;
  // As from the launcher: the app's variables under names of their own.
  const settings = Object.fromEntries(SETTINGS.map((each) => each.split('=')));
  const environment = { ...settings, [LAUNCHER_ENV]: `${folder}/bin/k8s-run`, [`${MARK}PATH`]: '/usr/bin:/bin' };
  const command = [...runtimeCommand(folder, arch), ...FLAGS];
  cacheCode(`${program}/dist`, `${program}/bin/k8s-run.js`, { command, environment });
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
