import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** One key of a mounted ConfigMap or Secret, or why it cannot be read. */
export type Key =
  | { readonly name: string; readonly bytes: Buffer }
  | { readonly name: string; readonly problem: string };

/** An object of the API server holds 1 MiB at most; whatever is larger was not mounted from one. */
const MOST_BYTES = 2 * 1024 * 1024;

/** A swap while it is read has it read again. The kubelet swaps once a minute at the most; who swaps all the time is not waited for. */
const TRIES = 20;

/**
 * The files of a folder as they are at one instant. The kubelet puts all keys into a folder of their own and points the link
 * `..data` at it (pkg/volume/util/atomic_writer.go), so that folder is read, and read anew when the link has been moved
 * meanwhile (the old version goes then): never are keys of two versions mixed. A plain folder is read as it stands. Names that begin with a
 * dot are not keys. Folders in it are passed over, as are sockets and pipes, which could hold the reader for ever. Throws
 * as readdir(3) does.
 */
export function keysIn(folder: string): readonly Key[] {
  for (let left = TRIES; ; left -= 1) {
    const version = versionOf(folder);
    try {
      const keys = pathsIn(version).flatMap(keyAt);
      if (left === 0 || versionOf(folder) === version) return keys;
    } catch (error) {
      if (left === 0 || versionOf(folder) === version) throw error;
    }
  }
}

function keyAt({ name, path }: Place): readonly Key[] {
  try {
    const found = statSync(path);
    if (found.isDirectory()) return [];
    if (!found.isFile()) return [{ name, problem: 'not a file' }];
    if (found.size > MOST_BYTES) return [{ name, problem: 'larger than 2 MiB' }];
    return [{ name, bytes: readFileSync(path) }];
  } catch (error) {
    return [{ name, problem: (error as NodeJS.ErrnoException).code ?? String(error) }];
  }
}

type Place = { readonly name: string; readonly path: string };

/** What could be keys, in order, and where each is. Throws as readdir(3) does. */
export function pathsIn(version: string): readonly Place[] {
  return readdirSync(version)
    .sort()
    .filter((name) => !name.startsWith('.'))
    .map((name) => ({ name, path: join(version, name) }));
}

/** The folder that `..data` leads to now; a plain folder is its own. */
export function versionOf(folder: string): string {
  try {
    const version = realpathSync(join(folder, '..data'));
    return statSync(version).isDirectory() ? version : folder;
  } catch {
    return folder;
  }
}
