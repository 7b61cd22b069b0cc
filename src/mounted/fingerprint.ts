import { createHash } from 'node:crypto';
import { closeSync, constants, openSync, readFileSync, type Stats, statSync } from 'node:fs';
import { ofOneVersion, pathsIn } from './folder.ts';

/**
 * How much is read, in bytes and in files; a ConfigMap or Secret holds 1 MiB at most. What is beyond is told apart by size, time
 * and inode: to read it again and again would hold up the health server, and fill the memory.
 */
const MOST_BYTES = 4 * 1024 * 1024;
const MOST_FILES = 1_000;

type Budget = { bytes: number; files: number };
const all = (): Budget => ({ bytes: MOST_BYTES, files: MOST_FILES });

/**
 * What a path holds, in a few bytes: equal as long as the content is. A folder counts with the files in it (a mounted
 * ConfigMap or Secret), not with folders below. null: it is not there, may not be read, or is neither a folder nor a plain
 * file (a pipe might never end), which is no change by itself.
 */
export function fingerprint(path: string): string | null {
  try {
    const found = statSync(path);
    if (found.isDirectory()) return ofOneVersion(path, fingerprintOfFolder);
    return found.isFile()
      ? createHash('sha256')
          .update(contentOf(path, found, all()))
          .digest('base64')
      : null;
  } catch {
    return null;
  }
}

function fingerprintOfFolder(folder: string): string {
  const hash = createHash('sha256');
  const left = all();
  for (const { name, path } of pathsIn(folder)) {
    const content = contentInFolder(path, left);
    if (content === null) continue;
    hash.update(`${Buffer.byteLength(name)}:${name}${content.length}:`).update(content);
  }
  return hash.digest('base64');
}

/** null: a folder. What cannot be read is a content of its own. */
function contentInFolder(path: string, left: Budget): Buffer | string | null {
  try {
    const found = statSync(path);
    if (found.isDirectory()) return null;
    return found.isFile() ? contentOf(path, found, left) : 'not a file';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

function contentOf(path: string, { size, mtimeMs, ino }: Stats, left: Budget): Buffer | string {
  if (left.files === 0 || size > left.bytes) return `${size} ${mtimeMs} ${ino}`;
  left.files -= 1;
  left.bytes -= size;
  // By now a pipe may stand there instead, which must not hold us either.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}
