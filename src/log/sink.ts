import { closeSync, constants, fstatSync, openSync, write, writeSync } from 'node:fs';
import type { Put } from './socket.ts';

/**
 * Lines out through a descriptor that others share, never waiting and never changing its flags. A pipe or a terminal is
 * opened a second time, for a description of our own with O_NONBLOCK; a file never blocks; a socket is sent to without
 * waiting (socket.ts); what can be none of these is written by the thread pool, one write at a time. What does not fit the
 * buffer is dropped and counted.
 */
export type Sink = {
  /** `always`: there is room for it although the buffer is full. */
  readonly write: (line: string, room?: 'bounded' | 'always') => void;
  /** Tries until all is written or `limit` milliseconds are over. `stuck`: a write still hangs in the thread pool. */
  readonly close: (limit: number) => Promise<'written' | 'left' | 'stuck'>;
  readonly dropped: () => number;
};

/** Enough for a burst of a thousand lines, little beside the memory of the runtime. */
const BUFFER_LIMIT = 256 * 1024;
/** How long to leave a full pipe alone. */
const RETRY_AFTER = 20;

type After = (delay: number, call: () => void) => () => void;
type Way = { readonly kind: 'at once'; readonly put: Put } | { readonly kind: 'thread pool'; readonly fd: number };

/** `socket`: how to send to it, when it is one and that is possible. */
export function openSink(fd: number, after: After, socket: Put | null = null): Sink {
  const way: Way = socket === null ? wayTo(fd) : { kind: 'at once', put: socket };
  let waiting: Buffer[] = [];
  let size = 0;
  let dropped = 0;
  let underWay = false;
  let retrying = false;
  let whenEmpty = (): void => {};

  /** What cannot be written now (no reader, a full disk) is lost; what comes later is tried again. */
  const discard = (): void => {
    dropped += waiting.length;
    waiting = [];
    size = 0;
    whenEmpty();
  };

  const shorten = (written: number): void => {
    const first = waiting[0];
    if (first === undefined) return;
    size -= written;
    if (written === first.length) waiting.shift();
    else waiting[0] = first.subarray(written);
  };

  const retry = (): void => {
    if (retrying) return;
    retrying = true;
    after(RETRY_AFTER, () => {
      retrying = false;
      flush();
    });
  };

  const failed = (error: unknown): void => {
    if (isFull(error)) retry();
    else discard();
  };

  const flush = (): void => {
    while (!underWay && !retrying) {
      const first = waiting[0];
      if (first === undefined) {
        whenEmpty();
        return;
      }
      if (way.kind === 'thread pool') {
        underWay = true;
        write(way.fd, first, (error, written) => {
          underWay = false;
          if (error === null) shorten(written);
          else failed(error);
          flush();
        });
        return;
      }
      try {
        shorten(way.put(first));
      } catch (error) {
        failed(error);
      }
    }
  };

  return {
    write(line, room = 'bounded') {
      const bytes = Buffer.from(line);
      if (room === 'bounded' && size + bytes.length > BUFFER_LIMIT) {
        dropped += 1;
        return;
      }
      waiting.push(bytes);
      size += bytes.length;
      flush();
    },
    close(limit) {
      return new Promise((resolve) => {
        const cancel = after(limit, () => resolve(underWay ? 'stuck' : 'left'));
        whenEmpty = () => {
          cancel();
          resolve(underWay ? 'stuck' : 'written');
        };
        if (waiting.length === 0) whenEmpty();
        else flush();
      });
    },
    dropped: () => dropped,
  };
}

export function isSocket(fd: number): boolean {
  try {
    return fstatSync(fd).isSocket();
  } catch {
    // It is closed: the first write will tell.
    return false;
  }
}

function isFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EAGAIN' || code === 'EINTR';
}

const writerTo =
  (fd: number): Put =>
  (bytes) =>
    writeSync(fd, bytes);

function wayTo(fd: number): Way {
  try {
    const stat = fstatSync(fd);
    if (stat.isFile()) return { kind: 'at once', put: writerTo(fd) };
    if (stat.isFIFO() || stat.isCharacterDevice()) {
      const own = openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
      if (fstatSync(own).ino === stat.ino) return { kind: 'at once', put: writerTo(own) };
      closeSync(own);
    }
  } catch {
    // No /proc, or the pipe belongs to another uid, or the descriptor is closed: the first write will tell.
  }
  return { kind: 'thread pool', fd };
}
