import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

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
  return ofOneVersion(folder, (version) => pathsIn(version).flatMap(keyAt));
}

/** Reads the version of now, and once more as long as it was another one at the end. Throws what `read` throws. */
export function ofOneVersion<T>(folder: string, read: (version: string) => T): T {
  for (let left = TRIES; ; left -= 1) {
    const version = versionOf(folder);
    try {
      const found = read(version);
      if (left === 0 || versionOf(folder) === version) return found;
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

/**
 * The folder that `..data` leads to now, whether or not it is there still; a plain folder is its own. Links that lead through a
 * `..data` which is gone are no keys of a plain folder.
 */
function versionOf(folder: string): string {
  const link = join(folder, '..data');
  const version = targetOf(link);
  if (version !== null) return resolve(folder, version);
  const isVolume = readdirSync(folder, { withFileTypes: true }).some(
    (entry) => entry.isSymbolicLink() && targetOf(join(folder, entry.name))?.startsWith('..data/'),
  );
  return isVolume ? link : folder;
}

/** null: no link. */
function targetOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
