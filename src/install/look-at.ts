import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { LAUNCHER, PARTS } from './folder-contents.ts';

/** Before the names of temporary folders. Those of an attempt that was killed are removed by the next one. */
export const STAGING = '.k8s-run-installing-';
const SBOM = 'sbom.cdx.json';
/** The root of a file system of its own has it. */
const OF_FILE_SYSTEM = 'lost+found';

export type Present =
  | {
      readonly exists: boolean;
      readonly hasLauncher: boolean;
      /** What is there is a copy of the source, perhaps a damaged one. */
      readonly isThisVersion: boolean;
      readonly version: string;
      /** A part that no attempt of ours is known to have left; null: there is none. */
      readonly unknown: string | null;
      /** The temporary folders of attempts that were killed. */
      readonly left: readonly string[];
    }
  | { readonly problem: string };

/** What is at the target: nothing, an empty folder, or a folder of ours. Anything else is left alone. */
export function lookAt(source: string, target: string): Present {
  const stat = lstatSync(target, { throwIfNoEntry: false });
  if (stat === undefined) {
    const nothing = { exists: false, hasLauncher: false, isThisVersion: false, version: '', unknown: null };
    return { ...nothing, left: foldersIn(dirname(target), besides(target)) };
  }
  const names = readdirSync(target);
  const foreign = names.find((name) => !PARTS.includes(name) && name !== OF_FILE_SYSTEM && !name.startsWith(STAGING));
  const inBin = names.includes('bin') ? readdirSync(join(target, 'bin')) : [];
  const stranger = foreign ?? inBin.map((name) => `bin/${name}`).find((path) => path !== LAUNCHER);
  if (stranger !== undefined)
    return { problem: `it has ${stranger}, which is no part of k8s-run; name an empty folder or a new one` };
  // An attempt that was killed while it put the parts there has left its temporary folder too.
  const left = foldersIn(target, STAGING);
  const unknown = names.find((name) => PARTS.includes(name) && !isEmptyFolder(join(target, name)));
  return {
    exists: true,
    hasLauncher: inBin.length > 0,
    isThisVersion: isOfVersion(source, target),
    version: versionIn(target),
    unknown: left.length > 0 ? null : (unknown ?? null),
    left,
  };
}

function foldersIn(folder: string, prefix: string): readonly string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.startsWith(prefix));
    return names.map((name) => join(folder, name));
  } catch {
    return [];
  }
}

/** Whether a folder has the bill of materials of this version; or an empty one, as a node leaves it that has lost its power. */
function isOfVersion(source: string, target: string): boolean {
  try {
    const there = readFileSync(join(target, SBOM));
    return there.length === 0 || there.equals(readFileSync(join(source, SBOM)));
  } catch {
    return false;
  }
}

function isEmptyFolder(path: string): boolean {
  return lstatSync(path).isDirectory() && readdirSync(path).length === 0;
}

/** The version that the bill of materials of a folder names. */
function versionIn(folder: string): string {
  try {
    const { metadata } = JSON.parse(readFileSync(join(folder, SBOM), 'utf8'));
    return `another build, of k8s-run ${metadata.component.version}`;
  } catch {
    return 'another build of k8s-run';
  }
}

/** The beginning of the names of temporary folders beside a target; its own name may be too long for one. */
export function besides(target: string): string {
  return `${STAGING}${createHash('sha256').update(basename(target)).digest('hex').slice(0, 12)}-`;
}
