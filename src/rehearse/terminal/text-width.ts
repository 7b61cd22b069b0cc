/** Takes no column: an escape sequence for a colour (ECMA-48, SGR). */
const COLOUR = /^\p{Cc}\[[0-9;]*m/u;
const RESET = '\x1b[0m';
/** Takes two columns: East Asian wide and full-width characters, and most emoji. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;
/** Takes no column: a mark that is drawn over the character before it. */
const COMBINING = /^[\p{Mn}\p{Me}\p{Cf}]/u;

/** The columns that a text takes on a terminal. */
export function displayWidth(text: string): number {
  let columns = 0;
  for (const { width } of parts(text)) columns += width;
  return columns;
}

/** As much of a coloured line as fits. A terminal would wrap a longer one, and the next frame could not be drawn over it. */
export function clipped(line: string, width: number): string {
  let columns = 0;
  let shown = '';
  for (const part of parts(line)) {
    if (columns + part.width > width) return line.includes('\x1b') ? shown + RESET : shown;
    columns += part.width;
    shown += part.text;
  }
  return shown;
}

function* parts(text: string): Generator<{ readonly text: string; readonly width: number }> {
  for (let index = 0; index < text.length; ) {
    const rest = text.slice(index, index + 16);
    const colour = COLOUR.exec(rest)?.[0];
    const next = colour ?? String.fromCodePoint(text.codePointAt(index) ?? 0);
    yield { text: next, width: colour !== undefined || COMBINING.test(next) ? 0 : WIDE.test(next) ? 2 : 1 };
    index += next.length;
  }
}
