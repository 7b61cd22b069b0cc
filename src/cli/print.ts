import { writeSync } from 'node:fs';
import { EXIT_IOERR } from '../exit/exit-codes.ts';

export const STDOUT = 1;
export const STDERR = 2;
/** In milliseconds, between attempts to write to a non-blocking pipe that is full. */
const RETRY_PERIOD = 5;

/**
 * Writes the whole text, however slow the reader is. A reader that has gone (`k8s-run --help | head`) is no error; a full disk is, and is thrown
 * with the `exitCode` for it.
 */
export function print(text: string, fd: number = STDOUT): void {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(fd, bytes, done);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE' || (code !== 'EAGAIN' && fd === STDERR)) return;
      if (code !== 'EAGAIN')
        throw Object.assign(new Error(`cannot write to stdout: ${code}`), { exitCode: EXIT_IOERR });
      // Another process made the pipe non-blocking. There is nothing else to do meanwhile.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_PERIOD);
    }
  }
}
