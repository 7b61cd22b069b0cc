/** Without control characters and escape sequences, which could move the cursor. The name of their class would need ICU. */
export const printable = (text: string): string => text.replace(/[^ -~\u00a0-\uffff]\[?[0-9;]*m?/g, '');

/** A number stays with its unit: `27 ms`. */
const SPACE = / (?!(?<=\d )m?s\b)/;

/** Printable lines of at most `width` characters, cut at spaces; a longer word stays whole. */
export function wrapped(text: string, indent: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of printable(text).split(SPACE)) {
    if (line.trim() !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent;
    }
    line += line.trim() === '' ? word : ` ${word}`;
  }
  return [...lines, line];
}
