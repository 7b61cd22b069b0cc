import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Problem, problemOf, readManifest } from './files.ts';
import { isKustomization, patchesOf } from './kustomization.ts';

/** A manifest to be read, or why it cannot be; a patch, and the kustomization.yaml that lays it over something. */
export type Found =
  | { readonly file: string }
  | (Problem & { readonly file: string })
  | { readonly file: string; readonly patchOf: string };

/** Files of one folder: a repository of manifests, and not the whole machine. */
const MAX_FILES = 10_000;
const MANIFEST = /\.(ya?ml|json)$/i;

/** The manifests that a name stands for, in the order of their names; hidden folders and node_modules are passed over. */
export function manifestsIn(named: string): readonly Found[] {
  if (named === '-' || !isFolder(named)) return [{ file: named }];
  const found: Found[] = [];
  const patches = new Map<string, string>();
  const folders = [named];
  for (const folder of folders) {
    let entries: readonly { readonly name: string; isDirectory: () => boolean }[] = [];
    try {
      entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
    } catch (error) {
      found.push({ file: folder, ...problemOf(error) });
    }
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
      if (entry.isDirectory()) folders.push(path);
      else if (MANIFEST.test(entry.name)) {
        if (found.length === MAX_FILES) {
          const problem = `there are more than ${MAX_FILES} files in ${named}`;
          return [...found, { file: path, problem, fix: 'Name the folders that hold manifests' }];
        }
        if (isKustomization(entry.name))
          for (const patch of patchesNamedIn(path)) patches.set(join(folder, patch), path);
        found.push({ file: path });
      }
    }
  }
  if (found.length === 0) {
    const problem = 'there is no *.yaml, *.yml or *.json in this folder';
    return [{ file: named, problem, fix: 'Name the folder that holds manifests' }];
  }
  return found.map((each) => {
    const patchOf = patches.get(each.file);
    return patchOf === undefined ? each : { file: each.file, patchOf };
  });
}

/** What cannot be read has its finding when its turn comes. */
function patchesNamedIn(file: string): readonly string[] {
  const read = readManifest(file);
  return 'text' in read ? patchesOf(read.text) : [];
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
