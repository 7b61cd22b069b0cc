import { writeSync } from 'node:fs';

export const STDOUT = 1;
export const STDERR = 2;
/** Between two tries where the reader is slow and the pipe does not wait. */
const PAUSE = 5;

/** Writes all of it, however slow the reader. One that left (`k8s-run --help | head`) has read enough. */
export function print(text: string, fd: number = STDOUT): void {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(fd, bytes, done);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      // Somebody else has made it non-blocking. Nothing else is to be done meanwhile.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
    }
  }
}
