const CLEAR_LINE = '\r\u001b[2K';
const COLOURS = { green: 32, yellow: 33, red: 31, cyan: 36, dim: 2, bold: 1 } as const;
export type Colour = keyof typeof COLOURS;

/** Where the demo shows what happens: a status that is drawn anew on a terminal, plain lines everywhere else. */
export type Screen = {
  readonly line: (text: string) => void;
  /** One line at the bottom, replaced by the next; nothing off a terminal. */
  readonly status: (text: string) => void;
  readonly paint: (text: string, colour: Colour) => string;
  readonly isTerminal: boolean;
};

export function screen(): Screen {
  const isTerminal = process.stdout.isTTY === true;
  // https://no-color.org
  const colours = isTerminal && (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb';
  let status = '';
  const draw = (text: string): void => void process.stdout.write(text);
  return {
    isTerminal,
    paint: (text, colour) => (colours ? `\u001b[${COLOURS[colour]}m${text}\u001b[0m` : text),
    line: (text) => draw(isTerminal ? `${CLEAR_LINE}${text}\n${status}` : `${text}\n`),
    status(text) {
      status = text;
      if (isTerminal) draw(`${CLEAR_LINE}${text}`);
    },
  };
}

/** Breaks a paragraph into lines of at most `width` columns. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
