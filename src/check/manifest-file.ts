import { isUtf8 } from 'node:buffer';
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

/** `foreign`: it is no manifest, whatever its name is. */
export type FileProblem = { readonly problem: string; readonly remedy: string; readonly foreign?: true };

const STDIN = 0;
/** In bytes: ten thousand manifests of six kilobytes. */
const MAX_SIZE = 64 * 1024 * 1024;

/** `mark`: the byte order mark that the text begins with in the file, or nothing. */
export type ManifestText = { readonly text: string; readonly mark: string };

/** The text of a file, or of stdin for `-`. It waits for a pipe, as every filter does, but does not read a device. */
export function readManifest(file: string): ManifestText | FileProblem {
  let fd: number | null = null;
  try {
    fd = file === '-' ? STDIN : openSync(file, constants.O_RDONLY);
    if (file !== '-' && fstatSync(fd).isCharacterDevice())
      return { problem: 'it is a device', remedy: 'Name a file', foreign: true };
    const chunks: Buffer[] = [];
    for (let size = 0; ; ) {
      const chunk = Buffer.allocUnsafe(64 * 1024);
      const length = readChunk(fd, chunk);
      if (length === 0) break;
      size += length;
      if (size > MAX_SIZE)
        return { problem: 'it is larger than 64 MiB', remedy: 'Split it, and run k8s-run check for each part' };
      chunks.push(chunk.subarray(0, length));
    }
    const bytes = Buffer.concat(chunks);
    // Not by a TextDecoder, because its `fatal` needs a Node with ICU.
    if (!isUtf8(bytes) || bytes.includes(0)) return NOT_TEXT;
    const text = bytes.toString('utf8');
    return text.startsWith(MARK) ? { text: text.slice(1), mark: MARK } : { text, mark: '' };
  } catch (error) {
    return problemOf(error);
  } finally {
    if (fd !== null && fd !== STDIN) closeSync(fd);
  }
}

const MARK = '\uFEFF';
const NOT_TEXT: FileProblem = { problem: 'it is not UTF-8 text', remedy: 'Name only manifests', foreign: true };
/** In milliseconds, between attempts to read from a stdin that another process made non-blocking. */
const RETRY_PERIOD = 5;

function readChunk(fd: number, chunk: Buffer): number {
  for (;;) {
    try {
      return readSync(fd, chunk);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_PERIOD);
    }
  }
}

/** Replaces the content of a file as a whole or not at all. It keeps the mode and symbolic links. Returns the problem, if any. */
export function replaceManifest(file: string, text: string): string | null {
  try {
    const target = realpathSync(file);
    const temporary = `${target}.making`;
    const { mode } = statSync(target);
    writeFileSync(temporary, text, { mode, flag: 'wx' });
    try {
      // The umask has reduced the mode of the new file.
      chmodSync(temporary, mode);
      renameSync(temporary, target);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
    return null;
  } catch (error) {
    return problemOf(error).problem;
  }
}

const PROBLEMS: Readonly<Record<string, FileProblem>> = {
  ENOENT: { problem: 'no such file', remedy: 'Correct the path' },
  ENOTDIR: { problem: 'no such file', remedy: 'Correct the path' },
  EACCES: { problem: 'permission denied', remedy: 'Make it readable' },
  EEXIST: { problem: 'its temporary file *.making already exists', remedy: 'Remove that file' },
  EISDIR: { problem: 'it is a directory', remedy: 'Name a file', foreign: true },
  ELOOP: { problem: 'its symbolic links form a loop', remedy: 'Correct the links' },
};

export function problemOf(error: unknown): FileProblem {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return PROBLEMS[code] ?? { problem: message, remedy: 'Name another file' };
}
