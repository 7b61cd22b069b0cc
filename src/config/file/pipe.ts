import { readSync, realpathSync } from 'node:fs';

/** In milliseconds. What writes a configuration does so at once; the pod's start must not hang on it for ever. */
const PIPE_TIMEOUT = 10_000;
/** In milliseconds, between two attempts to read while nothing is there. */
const RETRY_PERIOD = 5;

/**
 * Reads a pipe that was opened with O_NONBLOCK to its end, into `buffer`, and waits for it as long as PIPE_TIMEOUT. Returns the
 * number of bytes; the length of `buffer` means that there may be more. null: it did not end in that time.
 */
export function readPipe(path: string, file: number, buffer: Buffer): number | null {
  let length = 0;
  for (let waited = 0; ; ) {
    const more = readNow(file, buffer, length);
    if (more !== null) length += more;
    if (length === buffer.length) return length;
    // Without a writer a pipe is at its end; one that has a name may have its first writer yet to come.
    if (more === 0 && (length > 0 || !hasName(path))) return length;
    if (more !== null && more > 0) continue;
    if (waited >= PIPE_TIMEOUT) return null;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_PERIOD);
    waited += RETRY_PERIOD;
  }
}

/** null: nothing is there yet. */
function readNow(file: number, buffer: Buffer, length: number): number | null {
  try {
    return readSync(file, buffer, length, buffer.length - length, null);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return null;
    throw error;
  }
}

/** Whether it is a FIFO of the file system (fifo(7)), not a pipe that only its processes have. */
function hasName(path: string): boolean {
  try {
    realpathSync.native(path);
    return true;
  } catch {
    // The link of /dev/fd to a pipe leads to no file. Node's own realpath stops before it.
    return false;
  }
}
