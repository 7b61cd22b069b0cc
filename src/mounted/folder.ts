import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** One key of a mounted ConfigMap or Secret, or why it cannot be read. */
export type MountedKey =
  | { readonly name: string; readonly bytes: Buffer }
  | { readonly name: string; readonly problem: string };

/** The API server limits an object to 1 MiB, so a larger file does not come from a ConfigMap or Secret. */
const MAX_BYTES = 2 * 1024 * 1024;

/** A swap during a read starts the read again. The kubelet swaps once a minute at most; after this many swaps the last read counts. */
const MAX_READS = 20;

/**
 * The keys of a folder as they are at one instant. The kubelet writes all keys into a new folder and then points the link
 * `..data` at it (pkg/volume/util/atomic_writer.go), which removes the old version. So the folder behind the link is read, and
 * read again when the link has changed meanwhile: the keys are never of two versions. A plain folder is read as it is. Names
 * that begin with a dot are not keys. Subfolders are skipped; a socket or a pipe, which could block the reader, is a problem.
 * Throws as readdir(3) does.
 */
export function keysIn(folder: string): readonly MountedKey[] {
  return ofOneVersion(folder, (version) => pathsIn(version).flatMap(readKey));
}

/** Reads the present version, and reads again as long as the version has changed by the end. Throws what `read` throws. */
export function ofOneVersion<T>(folder: string, read: (version: string) => T): T {
  for (let left = MAX_READS; ; left -= 1) {
    const version = versionOf(folder);
    try {
      const result = read(version);
      if (left === 0 || versionOf(folder) === version) return result;
    } catch (error) {
      if (left === 0 || versionOf(folder) === version) throw error;
    }
  }
}

function readKey({ name, path }: KeyPath): readonly MountedKey[] {
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) return [];
    if (!stat.isFile()) return [{ name, problem: 'not a file' }];
    if (stat.size > MAX_BYTES) return [{ name, problem: 'larger than 2 MiB' }];
    return [{ name, bytes: readFileSync(path) }];
  } catch (error) {
    return [{ name, problem: (error as NodeJS.ErrnoException).code ?? String(error) }];
  }
}

type KeyPath = { readonly name: string; readonly path: string };

/** The names that may be keys, sorted, with their paths. Throws as readdir(3) does. */
export function pathsIn(version: string): readonly KeyPath[] {
  return readdirSync(version)
    .sort()
    .filter((name) => !name.startsWith('.'))
    .map((name) => ({ name, path: join(version, name) }));
}

/**
 * The folder that `..data` points to now, whether or not it still exists; for a plain folder, the folder itself. Where
 * `..data` is gone but other links lead through it, the folder is a volume whose version does not exist at the moment.
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

/** null: not a link. */
function targetOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
