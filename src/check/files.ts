import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  openSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';

export type Problem = { readonly problem: string; readonly fix: string };

const STDIN = 0;
/** Bytes of one file. Ten thousand manifests of six kilobytes. */
const MAX_SIZE = 64 * 1024 * 1024;
/** The text of a file or, with `-`, of stdin. A pipe is waited for, as in every filter; a device is not. */
export function readManifest(file: string): { readonly text: string } | Problem {
  let fd: number | null = null;
  try {
    fd = file === '-' ? STDIN : openSync(file, constants.O_RDONLY);
    if (file !== '-' && fstatSync(fd).isCharacterDevice()) return { problem: 'it is a device', fix: 'Name a file' };
    const chunks: Buffer[] = [];
    for (let size = 0; ; ) {
      const chunk = Buffer.allocUnsafe(64 * 1024);
      const length = readSome(fd, chunk);
      if (length === 0) break;
      size += length;
      if (size > MAX_SIZE)
        return { problem: 'it is larger than 64 MiB', fix: 'Split it, and call k8s-run check for the parts' };
      chunks.push(chunk.subarray(0, length));
    }
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
    return text.includes('\0') ? NOT_TEXT : { text };
  } catch (error) {
    return error instanceof TypeError ? NOT_TEXT : problemOf(error);
  } finally {
    if (fd !== null && fd !== STDIN) closeSync(fd);
  }
}

const NOT_TEXT: Problem = { problem: 'it is not text in UTF-8', fix: 'Name manifests only' };
/** Milliseconds between two looks at a stdin that somebody else has made non-blocking. */
const PAUSE = 5;

function readSome(fd: number, chunk: Buffer): number {
  for (;;) {
    try {
      return readSync(fd, chunk);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
    }
  }
}

/** Puts a text in the place of a file, whole or not at all, its mode kept; a link goes on pointing there. Returns the problem. */
export function replaceManifest(file: string, text: string): string | null {
  try {
    const real = realpathSync(file);
    const making = `${real}.making`;
    const { mode } = statSync(real);
    writeFileSync(making, text, { mode, flag: 'wx' });
    try {
      // The umask took its part of what the file is made with.
      chmodSync(making, mode);
      renameSync(making, real);
    } catch (error) {
      rmSync(making, { force: true });
      throw error;
    }
    return null;
  } catch (error) {
    return problemOf(error).problem;
  }
}

const PROBLEMS: Readonly<Record<string, Problem>> = {
  ENOENT: { problem: 'there is no such file', fix: 'Look at the name' },
  ENOTDIR: { problem: 'there is no such file', fix: 'Look at the name' },
  EACCES: { problem: 'permission denied', fix: 'Make it readable' },
  EEXIST: { problem: 'its new version is there already, as *.making', fix: 'Remove that' },
  EISDIR: { problem: 'it is a folder', fix: 'Name a file' },
  ELOOP: { problem: 'its links go round in circles', fix: 'Look at the links' },
};

export function problemOf(error: unknown): Problem {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return PROBLEMS[code] ?? { problem: message, fix: 'Name another file' };
}
