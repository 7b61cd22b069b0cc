import { existsSync, readFileSync } from 'node:fs';
import type { Arch } from '../../bundle/runtime.ts';
import { ROOT, run } from './plan.ts';

/**
 * The portable folder of an architecture, built anew, or with `reuse` the one that `npm run build:bundle` has left in dist-bundle, if
 * that has the program of dist/: artefacts of different builds must not be released together.
 */
export function folderFor(arch: Arch, reuse: boolean): string {
  const folder = `${ROOT}dist-bundle/${arch}/k8s-run`;
  if (!reuse || !isCurrent(folder)) {
    process.stderr.write(`building the portable folder for ${arch}\n`);
    run(process.execPath, [`${ROOT}bundle/build.ts`, '--arch', arch], { cwd: ROOT });
  }
  // Without it k8s-run starts slower, and the folder is not the one that others build.
  if (!isCurrent(folder))
    throw new Error(
      `${folder} has no code cache: programs for ${arch} cannot run here; apt-get install qemu-user-static`,
    );
  return folder;
}

function isCurrent(folder: string): boolean {
  const dist = `${folder}/lib/program/dist`;
  if (!existsSync(`${dist}/main.js`) || !existsSync(`${dist}/main.cache`)) return false;
  return readFileSync(`${dist}/main.js`).equals(readFileSync(`${ROOT}dist/main.js`));
}
