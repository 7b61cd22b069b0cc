import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A real pipe, which node:child_process does not give (its pipes are sockets): the test holds both ends. */
export type Pipe = AsyncDisposable & {
  /** For the `stdio` of what is started. */
  readonly writeEnd: number;
  /** Writes until nothing more fits. */
  readonly fill: () => void;
  /** Takes out what is in it now. */
  readonly drain: () => string;
  /** The reader goes away, and comes back. */
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
