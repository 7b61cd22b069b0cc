import { columnsOf } from '../linux/terminal.ts';

/** Columns: where it is no terminal, and on a wider one, because longer lines are hard to read. */
export const WIDEST = 100;

/** The columns of the terminal that this descriptor is, 100 at most; 100 where it is none. */
export const widthOf = (fd: number): number => Math.min(columnsOf(fd) ?? WIDEST, WIDEST);
