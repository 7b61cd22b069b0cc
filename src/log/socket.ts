import { loadFfi } from '../linux/ffi.ts';

/** linux/socket.h: the same numbers on every architecture that Node runs on. */
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
/** asm-generic/errno-base.h. */
const EAGAIN = 11;
const EINTR = 4;

/** Writes what fits now and returns the number of bytes; throws an error with code EAGAIN when nothing fits. */
export type NonBlockingWrite = (bytes: Buffer) => number;

/**
 * Writes to a socket with send(2) and MSG_DONTWAIT, which does not block, does not change the flags that other processes
 * share, and needs no thread. libuv aborts the process when it cannot start its thread pool, as at the pids limit, so the pool
 * is used only without node:ffi. null: not available here.
 */
export function openSocket(fd: number): NonBlockingWrite | null {
  try {
    if (process.platform !== 'linux') return null;
    const ffi = loadFfi();
    if ('missing' in ffi) return null;
    const { functions } = ffi.dlopen(null, {
      send: { arguments: ['i32', 'pointer', 'u64', 'i32'], return: 'i64' },
      __errno_location: { arguments: [], return: 'pointer' },
    });
    return (bytes) => {
      const sent = Number(
        functions.send(fd, ffi.getRawPointer(bytes), BigInt(bytes.length), MSG_DONTWAIT | MSG_NOSIGNAL),
      );
      if (sent >= 0) return sent;
      const errno = ffi.getInt32(functions.__errno_location());
      const code = errno === EAGAIN || errno === EINTR ? 'EAGAIN' : 'EPIPE';
      throw Object.assign(new Error(`send: ${errno}`), { code });
    };
  } catch {
    return null;
  }
}
