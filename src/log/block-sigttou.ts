import { loadFfi } from '../linux/ffi.ts';

/** signal(7), sigprocmask(2): the same numbers on every architecture that Node runs on. */
const SIGTTOU = 22;
const SIG_BLOCK = 0;
/** glibc and musl: 1024 bits. */
const SIGSET_SIZE = 128;

/**
 * Lets this thread write to its terminal from the background under `stty tostop`. Who catches TTOU, as k8s-run does in order
 * to pass it on, would never come back from write(2): the kernel sends TTOU and starts the call over, for ever. Who blocks it
 * may write (setpgid(2), termios(3)). A TTOU that somebody sends is caught by another thread. Without node:ffi nothing is done.
 */
export function writeFromBackground(): void {
  try {
    const ffi = loadFfi();
    if ('missing' in ffi) return;
    const { functions } = ffi.dlopen(null, {
      pthread_sigmask: { arguments: ['i32', 'pointer', 'pointer'], return: 'i32' },
    });
    const set = Buffer.alloc(SIGSET_SIZE);
    set.writeUInt32LE(1 << (SIGTTOU - 1), 0);
    functions.pthread_sigmask(SIG_BLOCK, ffi.getRawPointer(set), 0n);
  } catch {
    // Not to be had here: it is a rare setting of a terminal.
  }
}
