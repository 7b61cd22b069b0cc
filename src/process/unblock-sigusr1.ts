import { loadFfi } from '../linux/ffi.ts';

/**
 * Node starts with SIGUSR1 blocked and unblocks it only for its inspector, so under `--disable-sigusr1` never: a listener would
 * not be called, and the app would not get the signal. So it is unblocked here once the app was started; a SIGUSR1 that came
 * earlier is pending, and is delivered then. Without node:ffi this is not possible, and the flag must not be set.
 */
const FLAG = '--disable-sigusr1';
/** bits/sigaction.h; the same on x86-64 and arm64, as is the number of the signal. */
const SIG_UNBLOCK = 1;
const SIGUSR1 = 10;
/** sigset_t of glibc and musl: a bit for each signal, the first for signal 1. */
const SIGSET_SIZE = 128;

/** Returns why the signal stays blocked; null: it is not blocked. */
export function unblockUsr1(): string | null {
  if (!process.execArgv.includes(FLAG)) return null;
  try {
    const ffi = loadFfi();
    if ('missing' in ffi) return ffi.missing;
    const { functions } = ffi.dlopen(null, {
      pthread_sigmask: { arguments: ['i32', 'pointer', 'pointer'], return: 'i32' },
    });
    const set = Buffer.alloc(SIGSET_SIZE);
    set.writeUInt32LE(1 << (SIGUSR1 - 1));
    const refused = functions.pthread_sigmask(SIG_UNBLOCK, ffi.getRawPointer(set), 0n);
    return refused === 0 ? null : 'pthread_sigmask is refused';
  } catch (error) {
    return `node:ffi does not work: ${(error as Error).message}`;
  }
}
