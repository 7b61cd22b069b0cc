import { writeSync } from 'node:fs';

export const STDOUT = 1;
export const STDERR = 2;
/** In milliseconds, between attempts to write to a non-blocking pipe that is full. */
const RETRY_PERIOD = 5;

/** Writes the whole text, however slow the reader is. A reader that has gone (`k8s-run --help | head`) is no error. */
export function print(text: string, fd: number = STDOUT): void {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(fd, bytes, done);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      // Another process made the pipe non-blocking. There is nothing else to do meanwhile.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_PERIOD);
    }
  }
}
