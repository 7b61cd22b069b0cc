import { isUtf8 } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { readPipe } from './pipe.ts';

/** In bytes. A ConfigMap holds no more. */
const MAX_SIZE = 1024 * 1024;

const NOT_TEXT = 'not UTF-8 text';
const ERRNO_TEXTS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EACCES: 'permission denied',
  ELOOP: 'its symbolic links form a loop',
};

/** Reads a regular file, or a pipe to its end, of 1 MiB at most. Waits for a pipe only, and not for long. A terminal may never end. */
export function readPlainFile(path: string): { readonly ok: string } | { readonly problem: string } {
  let file: number | null = null;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(file);
    if (stat.isDirectory()) return { problem: 'it is a directory; name a file in it' };
    if (!stat.isFile() && !stat.isFIFO()) return { problem: 'not a regular file or a pipe' };
    const buffer = Buffer.alloc(MAX_SIZE + 1);
    const length = stat.isFIFO() ? readPipe(path, file, buffer) : readWhole(file, buffer);
    if (length === null) return { problem: 'the pipe did not end within 10 s; close it after writing' };
    if (length > MAX_SIZE) return { problem: 'larger than 1 MiB' };
    const bytes = buffer.subarray(0, length);
    // Not by a TextDecoder, because its `fatal` needs a Node with ICU.
    if (!isUtf8(bytes) || bytes.includes(0)) return { problem: NOT_TEXT };
    return { ok: bytes.toString('utf8').replace(/^\uFEFF/, '') };
  } catch (error) {
    return { problem: ERRNO_TEXTS[(error as NodeJS.ErrnoException).code ?? ''] ?? (error as Error).message };
  } finally {
    if (file !== null) closeSync(file);
  }
}

function readWhole(file: number, buffer: Buffer): number {
  let length = 0;
  for (let more = -1; more !== 0 && length < buffer.length; length += more) {
    more = readSync(file, buffer, length, buffer.length - length, null);
  }
  return length;
}
