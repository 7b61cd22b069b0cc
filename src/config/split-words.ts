/**
 * Splits a command line as a POSIX shell splits quoted words, and does nothing else that a shell does: no variables, no
 * globs, no operators.
 */
export function splitWords(line: string): { readonly ok: readonly string[] } | { readonly problem: string } {
  const words: string[] = [];
  let word: string | null = null;
  for (let index = 0; index < line.length; index += 1) {
    const char = line.charAt(index);
    if (char === "'" || char === '"') {
      const [text, end] = quoted(line, index);
      if (end < 0) return { problem: `the quotation mark ${char} is never closed` };
      word = (word ?? '') + text;
      index = end;
    } else if (char === '\\' && index + 1 < line.length) {
      index += 1;
      word = (word ?? '') + line.charAt(index);
    } else if (/\s/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else {
      word = (word ?? '') + char;
    }
  }
  if (word !== null) words.push(word);
  return { ok: words };
}

/** The text between quotation marks and where they close; -1 when they do not. In double ones \\ escapes `"` and `\`. */
function quoted(line: string, start: number): readonly [string, number] {
  const mark = line.charAt(start);
  let text = '';
  for (let index = start + 1; index < line.length; index += 1) {
    const char = line.charAt(index);
    if (char === mark) return [text, index];
    const next = line.charAt(index + 1);
    const escaped = mark === '"' && char === '\\' && (next === '"' || next === '\\');
    if (escaped) index += 1;
    text += escaped ? next : char;
  }
  return [text, -1];
}
