import { closeSync, constants, openSync } from 'node:fs';

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
