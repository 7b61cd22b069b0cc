import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A pipe, both ends of which the test has open. The pipes of node:child_process are sockets. */
export type Pipe = AsyncDisposable & {
  /** For `stdio` of a start. */
  readonly writeEnd: number;
  /** Writes until the pipe is full. */
  readonly fill: () => void;
  /** Reads everything that is in the pipe. */
  readonly drain: () => string;
  /** Close the read end, and open it again. */
  readonly stopReading: () => void;
  readonly readAgain: () => void;
};

export async function openPipe(): Promise<Pipe> {
  const folder = await mkdtemp(join(tmpdir(), 'pipe-'));
  const path = join(folder, 'fifo');
  spawnSync('mkfifo', [path]);
  const openReader = (): number => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  let readEnd = openReader();
  const writeEnd = openSync(path, constants.O_WRONLY);
  const ownEnd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  return {
    writeEnd,
    fill() {
      for (const size of [4096, 1]) untilFull(() => writeSync(ownEnd, Buffer.alloc(size, '\n')));
    },
    drain() {
      const chunk = Buffer.alloc(65_536);
      let text = '';
      untilFull(() => {
        const length = readSync(readEnd, chunk);
        text += chunk.toString('utf8', 0, length);
        return length;
      });
      return text;
    },
    stopReading: () => closeSync(readEnd),
    readAgain() {
      readEnd = openReader();
    },
    async [Symbol.asyncDispose]() {
      for (const fd of [readEnd, writeEnd, ownEnd]) closeSync(fd);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function untilFull(step: () => number): void {
  try {
    while (step() > 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
  }
}
