import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** One key of a mounted ConfigMap or Secret, or why it cannot be read. */
export type Key =
  | { readonly name: string; readonly bytes: Buffer }
  | { readonly name: string; readonly problem: string };

/** An object of the API server holds 1 MiB at most; whatever is larger was not mounted from one. */
const MOST_BYTES = 2 * 1024 * 1024;

/**
 * The files of a folder as they are at one instant. The kubelet puts all keys into a folder of their own and points the link
 * `..data` at it (pkg/volume/util/atomic_writer.go), so they are read through there, and never from two versions; a plain
 * folder is read as it stands. Names that begin with a dot are not keys. Folders in it are passed over, as are sockets
 * and pipes, which could hold the reader for ever. Throws as readdir(3) does.
 */
export function keysIn(folder: string): readonly Key[] {
  const current = currentVersion(folder);
  const keys: Key[] = [];
  for (const name of readdirSync(current).sort()) {
    if (name.startsWith('.')) continue;
    const path = join(current, name);
    try {
      const found = statSync(path);
      if (found.isDirectory()) continue;
      if (!found.isFile()) keys.push({ name, problem: 'not a file' });
      else if (found.size > MOST_BYTES) keys.push({ name, problem: 'larger than 2 MiB' });
      else keys.push({ name, bytes: readFileSync(path) });
    } catch (error) {
      keys.push({ name, problem: (error as NodeJS.ErrnoException).code ?? String(error) });
    }
  }
  return keys;
}

function currentVersion(folder: string): string {
  const link = join(folder, '..data');
  return statSync(link, { throwIfNoEntry: false })?.isDirectory() === true ? link : folder;
}
