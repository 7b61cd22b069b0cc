import { createHash } from 'node:crypto';
import { closeSync, constants, openSync, readFileSync, type Stats, statSync } from 'node:fs';
import { ofOneVersion, pathsIn } from './folder.ts';

/**
 * How much of one path is read; a ConfigMap or Secret holds 1 MiB at most. Beyond this a file is compared by size, time and
 * inode, because reading it again and again would delay the health server and fill the memory.
 */
const MAX_BYTES = 4 * 1024 * 1024;
const MAX_FILES = 1_000;

/** What may still be read of one path. */
type ReadAllowance = { bytes: number; files: number };
const fullAllowance = (): ReadAllowance => ({ bytes: MAX_BYTES, files: MAX_FILES });

/**
 * A hash of what a path holds, equal as long as the content is. For a folder (a mounted ConfigMap or Secret) it covers the
 * files in it, not its subfolders. null, which is not a change by itself: the path does not exist, is not readable, or is
 * neither a folder nor a regular file (a pipe may never end).
 */
export function fingerprint(path: string): string | null {
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) return ofOneVersion(path, fingerprintOfFolder);
    return stat.isFile()
      ? createHash('sha256')
          .update(contentOf(path, stat, fullAllowance()))
          .digest('base64')
      : null;
  } catch {
    return null;
  }
}

function fingerprintOfFolder(folder: string): string {
  const hash = createHash('sha256');
  const allowance = fullAllowance();
  for (const { name, path } of pathsIn(folder)) {
    const content = contentInFolder(path, allowance);
    if (content === null) continue;
    hash.update(`${Buffer.byteLength(name)}:${name}${content.length}:`).update(content);
  }
  return hash.digest('base64');
}

/** null: a subfolder. For a file that cannot be read the error code stands for its content. */
function contentInFolder(path: string, allowance: ReadAllowance): Buffer | string | null {
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) return null;
    return stat.isFile() ? contentOf(path, stat, allowance) : 'not a file';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

function contentOf(path: string, { size, mtimeMs, ino }: Stats, allowance: ReadAllowance): Buffer | string {
  if (allowance.files === 0 || size > allowance.bytes) return `${size} ${mtimeMs} ${ino}`;
  allowance.files -= 1;
  allowance.bytes -= size;
  // A pipe may have replaced the file since stat; opening it must not block either.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}
