import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** In bytes. A ConfigMap holds no more. */
const MAX_SIZE = 1024 * 1024;

const NOT_TEXT = 'not UTF-8 text';
const ERRNO_TEXTS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EACCES: 'permission denied',
  ELOOP: 'its symbolic links form a loop',
};

/** Reads a regular file of 1 MiB at most. Never waits: a pipe or a terminal may never end. */
export function readPlainFile(path: string): { readonly ok: string } | { readonly problem: string } {
  let file: number | null = null;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(file);
    if (stat.isDirectory()) return { problem: 'it is a directory; name a file in it' };
    if (!stat.isFile()) return { problem: 'not a regular file' };
    const buffer = Buffer.alloc(MAX_SIZE + 1);
    let length = 0;
    for (let more = -1; more !== 0 && length < buffer.length; length += more) {
      more = readSync(file, buffer, length, buffer.length - length, null);
    }
    if (length > MAX_SIZE) return { problem: 'larger than 1 MiB' };
    const text = new TextDecoder('utf-8', { fatal: true }).decode(buffer.subarray(0, length));
    return text.includes('\0') ? { problem: NOT_TEXT } : { ok: text };
  } catch (error) {
    if (error instanceof TypeError) return { problem: NOT_TEXT };
    return { problem: ERRNO_TEXTS[(error as NodeJS.ErrnoException).code ?? ''] ?? (error as Error).message };
  } finally {
    if (file !== null) closeSync(file);
  }
}
