import { loadFfi } from '../linux/ffi.ts';

/** signal(7), sigprocmask(2): the same numbers on every architecture that Node runs on. */
const SIGTTOU = 22;
const SIG_BLOCK = 0;
/** glibc and musl: 1024 bits. */
const SIGSET_SIZE = 128;

/**
 * Lets this thread write to its terminal from the background under `stty tostop`. k8s-run catches TTOU in order to pass it on,
 * and with a handler write(2) would never return, because the kernel sends TTOU and restarts the call forever. A thread that
 * blocks TTOU may write (setpgid(2), termios(3)); a TTOU that is sent to k8s-run is then caught by another thread. Without
 * node:ffi nothing is done.
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
    // It cannot be blocked here; `tostop` is rare.
  }
}
