import { closeSync, constants, openSync } from 'node:fs';

/**
 * Whether this process has a controlling terminal that is still there: /dev/tty stands for it (tty(4)). Without one opening
 * it gives ENXIO; once the other end is closed, or the session's leader has left, ENXIO or EIO. Any other error tells nothing.
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
