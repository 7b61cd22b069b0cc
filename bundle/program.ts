import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync } from 'node:fs';
import { arch as here } from 'node:process';
import { cacheCode } from '../scripts/code-cache.ts';
import { LAUNCHER_ENV, MARK } from '../src/boot/reexec.ts';
import { type Arch, DEBIAN, FLAGS, SETTINGS } from './runtime.ts';

const project = new URL('../', import.meta.url).pathname;

/** Copies bin/ and dist/ into `folder`/lib/program, without the code cache, which is for another runtime. */
export function layProgram(folder: string): void {
  const program = `${folder}/lib/program`;
  mkdirSync(`${program}/dist`, { recursive: true });
  cpSync(`${project}bin`, `${program}/bin`, { recursive: true });
  for (const each of ['main.js', 'later', 'package.json'])
    cpSync(`${project}dist/${each}`, `${program}/dist/${each}`, { recursive: true });
}

/** Makes main.cache with the runtime of the folder. */
export function layCodeCache(folder: string, arch: Arch): void {
  const program = `${folder}/lib/program`;
  // The same environment as from the launcher, with a `+` before variables of the app.
  const settings = Object.fromEntries(SETTINGS.map((each) => each.split('=')));
  const environment = { ...settings, [LAUNCHER_ENV]: `${folder}/bin/k8s-run`, [`${MARK}PATH`]: '/usr/bin:/bin' };
  const command = [...runtimeCommand(folder, arch), ...FLAGS];
  cacheCode(`${program}/dist`, `${program}/bin/k8s-run.js`, { command, environment });
}

/** Whether programs of that architecture can run on this machine. */
export function runs(arch: Arch): boolean {
  return arch === here || spawnSync(DEBIAN[arch].qemu, ['--version']).status === 0;
}

/** The command that runs the folder's runtime wherever the folder is: its loader, with qemu for another architecture. */
export function runtimeCommand(folder: string, arch: Arch): readonly string[] {
  const loader = `${folder}/lib/${DEBIAN[arch].loader}`;
  const command = [loader, '--inhibit-cache', '--library-path', `${folder}/lib`, `${folder}/lib/k8s-run`];
  return arch === here ? command : [DEBIAN[arch].qemu, ...command];
}
