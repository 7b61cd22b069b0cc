import { styleText } from 'node:util';
import { createTwoFilesPatch } from 'diff';

const COLOURS: Readonly<Record<string, 'red' | 'green' | 'cyan'>> = { '-': 'red', '+': 'green', '@': 'cyan' };

/** What was changed in a file, as `patch` and `git apply` read it; empty where nothing was. */
export function unifiedDiff(file: string, before: string, after: string): string {
  if (before === after) return '';
  const name = file.replace(/^\/+/, '');
  // Without the line of equals signs, which only Subversion has.
  return createTwoFilesPatch(`a/${name}`, `b/${name}`, before, after, undefined, undefined, { context: 3 }).replace(
    /^=+\n/,
    '',
  );
}

/** The colours of git: what goes is red, what comes green. */
export function painted(diff: string): string {
  const head = diff.indexOf('\n@@ ');
  return diff.replace(/^.+$/gm, (line, at: number) => {
    const format = at <= head ? 'bold' : COLOURS[line.charAt(0)];
    return format === undefined ? line : styleText(format, line, { validateStream: false });
  });
}
