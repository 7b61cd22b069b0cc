import { createHash } from 'node:crypto';
import { closeSync, lstatSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';
import { join } from 'node:path';

/** What the portable folder has at its top. The launcher is in `bin`, and starts nothing until all other parts are there. */
export const PARTS: readonly string[] = ['lib', 'licenses', 'sbom.cdx.json', 'bin'];
export const LAUNCHER = 'bin/k8s-run';

/** One entry of a folder, with its path in it. A folder comes before what it contains. */
export type FolderEntry =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'file'; readonly path: string; readonly executable: boolean; readonly size: number }
  | { readonly kind: 'link'; readonly path: string; readonly target: string };

/** The parts of a portable folder with all that is in them, sorted. Throws where something cannot be read. */
export function contentsOf(folder: string): readonly FolderEntry[] {
  return PARTS.flatMap((part) => entriesAt(folder, part));
}

function entriesAt(folder: string, path: string): readonly FolderEntry[] {
  const whole = join(folder, path);
  const stat = lstatSync(whole, { throwIfNoEntry: false });
  if (stat === undefined) return [];
  if (stat.isSymbolicLink()) return [{ kind: 'link', path, target: readlinkSync(whole) }];
  if (!stat.isDirectory()) return [{ kind: 'file', path, executable: (stat.mode & 0o111) !== 0, size: stat.size }];
  return [
    { kind: 'folder', path },
    ...readdirSync(whole)
      .sort()
      .flatMap((name) => entriesAt(folder, `${path}/${name}`)),
  ];
}

/** In bytes: what is read at once, so that the largest file, of 116 MB, needs no memory. */
const CHUNK = 256 * 1024;

/** The SHA-256 of a file, while each chunk of it is given to `take`. */
export function digestOf(file: string, take: (chunk: Buffer) => void = () => {}): string {
  const hash = createHash('sha256');
  const fd = openSync(file, 'r');
  try {
    const buffer = Buffer.allocUnsafe(CHUNK);
    for (;;) {
      const length = readSync(fd, buffer);
      if (length === 0) return hash.digest('hex');
      const chunk = buffer.subarray(0, length);
      hash.update(chunk);
      take(chunk);
    }
  } finally {
    closeSync(fd);
  }
}
