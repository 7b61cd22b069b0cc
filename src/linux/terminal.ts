import { closeSync, constants, openSync } from 'node:fs';
import { isatty, WriteStream } from 'node:tty';

/**
 * Whether this process has a controlling terminal that still exists. /dev/tty stands for it (tty(4)): open(2) fails with ENXIO
 * when there is none, and with ENXIO or EIO once the other end is closed or the session leader has exited. Any other error
 * says nothing.
 */
export function controllingTerminal(): 'there' | 'none' | 'unknown' {
  try {
    closeSync(openSync('/dev/tty', constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY));
    return 'there';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENXIO' || code === 'EIO' ? 'none' : 'unknown';
  }
}

/** The columns of the terminal that this descriptor is; null: it is none, or has no size (ioctl_tty(2)). */
export function columnsOf(fd: number): number | null {
  if (!isatty(fd)) return null;
  let own: number | null = null;
  try {
    // A file description of its own leaves the flags of the shell's alone; libuv closes it with the stream.
    own = openSync(`/proc/self/fd/${fd}`, constants.O_RDWR | constants.O_NOCTTY);
    const terminal = new WriteStream(own);
    own = null;
    const [columns] = terminal.getWindowSize();
    terminal.destroy();
    return columns || null;
  } catch {
    if (own !== null) closeSync(own);
    return null;
  }
}
