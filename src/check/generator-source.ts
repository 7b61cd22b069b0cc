import { realpathSync, statSync } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import type { ReadSource } from './generators.ts';
import { problemOf, readManifest } from './manifest-file.ts';

/** In bytes. A larger file is no variable. */
const MAX_SIZE = 65_536;

/** Reads what the generators of a kustomization.yaml name: files in or below its folder, as kustomize does by default. */
export function sourceReader(file: string): ReadSource {
  return (path) => {
    if (/^[a-z]+:\/\//.test(path)) return { problem: 'it is not a file of this machine' };
    try {
      const root = realpathSync(dirname(file));
      const target = realpathSync(resolve(root, path));
      if (!target.startsWith(root === sep ? sep : `${root}${sep}`))
        return { problem: 'it is outside of the folder of the kustomization.yaml' };
      const stats = statSync(target);
      if (!stats.isFile()) return { problem: 'it is not a file' };
      if (stats.size > MAX_SIZE) return { text: null };
      const content = readManifest(target);
      if ('text' in content) return content;
      return content.foreign === true ? { text: null } : content;
    } catch (error) {
      return problemOf(error);
    }
  };
}
