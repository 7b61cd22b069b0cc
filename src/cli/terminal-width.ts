import { openSync } from 'node:fs';
import { isatty, WriteStream } from 'node:tty';

/** Columns: where it is no terminal, and on a wider one, because longer lines are hard to read. */
export const WIDEST = 100;

/** The columns of the terminal that this descriptor is, 100 at most; 100 where it is none. */
export function widthOf(fd: number): number {
  if (!isatty(fd)) return WIDEST;
  try {
    // A file description of its own leaves the flags of the shell's alone.
    const terminal = new WriteStream(openSync('/dev/tty', 'r+'));
    const [columns] = terminal.getWindowSize();
    terminal.destroy();
    // A terminal without a size says 0.
    return Math.min(columns || WIDEST, WIDEST);
  } catch {
    return WIDEST;
  }
}
