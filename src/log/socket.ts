import { loadFfi } from '../linux/ffi.ts';

/** linux/socket.h: the same numbers on every architecture that Node runs on. */
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
/** asm-generic/errno-base.h. */
const EAGAIN = 11;
const EINTR = 4;

/** Writes what fits now and tells how many bytes that were; throws with the code EAGAIN when nothing fits. */
export type Put = (bytes: Buffer) => number;

/**
 * send(2) with MSG_DONTWAIT: it waits for nobody, leaves the flags of a socket that others share as they are, and needs no
 * thread. libuv aborts the process when its thread pool cannot be made, as under a pids limit that is reached; so the pool is
 * only for a socket where node:ffi is missing. null: it is
 * not to be had here.
 */
export function openSocket(fd: number): Put | null {
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
