import { closeSync, constants, fstatSync, openSync, write, writeSync } from 'node:fs';
import type { NonBlockingWrite } from './socket.ts';

/**
 * Writes lines to a descriptor that other processes share, without blocking and without changing its flags. A pipe or a
 * terminal is opened a second time, which gives an open file description of our own with O_NONBLOCK; a regular file does not
 * block; a socket is written with MSG_DONTWAIT (socket.ts); anything else is written by the thread pool, one write at a time.
 * Lines that do not fit the buffer are dropped and counted.
 */
export type Sink = {
  /** `always`: the line is added even if the buffer is full. */
  readonly write: (line: string, room?: 'bounded' | 'always') => void;
  /**
   * Writes until all is written (`written`) or `limit` milliseconds are over (`left`). `stuck`: a write hangs in the thread
   * pool.
   */
  readonly close: (limit: number) => Promise<'written' | 'left' | 'stuck'>;
  readonly dropped: () => number;
};

/** Bytes: enough for a burst of a thousand lines, and little beside the memory of Node. */
const BUFFER_LIMIT = 256 * 1024;
/** Milliseconds to wait while a pipe is full. */
const RETRY_AFTER = 20;

/** Calls back once, after so many milliseconds; returns how to cancel that. */
export type StartTimer = (delay: number, call: () => void) => () => void;
type WriteMethod =
  | { readonly kind: 'non-blocking'; readonly write: NonBlockingWrite }
  | { readonly kind: 'thread pool'; readonly fd: number };

/** `socket`: how to write to it, when it is a socket and node:ffi is available. */
export function openSink(fd: number, after: StartTimer, socket: NonBlockingWrite | null = null): Sink {
  const method: WriteMethod = socket === null ? methodFor(fd) : { kind: 'non-blocking', write: socket };
  let waiting: Buffer[] = [];
  let size = 0;
  let dropped = 0;
  let isWriting = false;
  let isRetryPending = false;
  let whenEmpty = (): void => {};

  /** Lines that cannot be written (no reader, a full disk) are dropped; later lines are tried again. */
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
    if (isRetryPending) return;
    isRetryPending = true;
    after(RETRY_AFTER, () => {
      isRetryPending = false;
      flush();
    });
  };

  const failed = (error: unknown): void => {
    if (isFull(error)) retry();
    else discard();
  };

  const flush = (): void => {
    while (!isWriting && !isRetryPending) {
      const first = waiting[0];
      if (first === undefined) {
        whenEmpty();
        return;
      }
      if (method.kind === 'thread pool') {
        isWriting = true;
        write(method.fd, first, (error, written) => {
          isWriting = false;
          if (error === null) shorten(written);
          else failed(error);
          flush();
        });
        return;
      }
      try {
        shorten(method.write(first));
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
        const cancel = after(limit, () => resolve(isWriting ? 'stuck' : 'left'));
        whenEmpty = () => {
          cancel();
          resolve(isWriting ? 'stuck' : 'written');
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
    // It is closed; the first write will fail.
    return false;
  }
}

function isFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EAGAIN' || code === 'EINTR';
}

const writerTo =
  (fd: number): NonBlockingWrite =>
  (bytes) =>
    writeSync(fd, bytes);

function methodFor(fd: number): WriteMethod {
  try {
    const stat = fstatSync(fd);
    if (stat.isFile()) return { kind: 'non-blocking', write: writerTo(fd) };
    if (stat.isFIFO() || stat.isCharacterDevice()) {
      const own = openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
      if (fstatSync(own).ino === stat.ino) return { kind: 'non-blocking', write: writerTo(own) };
      closeSync(own);
    }
  } catch {
    // No /proc, the pipe belongs to another uid, or the descriptor is closed, in which case the first write will fail.
  }
  return { kind: 'thread pool', fd };
}
