import { isatty } from 'node:tty';

/** Whether what is printed there may have colours: on a terminal that can, unless NO_COLOR is set (https://no-color.org). */
export function mayHaveColours(fd: number, { NO_COLOR = '', TERM }: Readonly<NodeJS.ProcessEnv>): boolean {
  return isatty(fd) && NO_COLOR === '' && TERM !== 'dumb';
}
