/** One document of a stream, as it stands there: `text` begins with its `---`, if it has one. */
export type Slice = { readonly text: string; readonly start: number; readonly line: number };

/**
 * Cuts a YAML stream into its documents without reading them: a line that begins with `---` or `...` ends a document wherever it
 * stands (YAML 1.2, 9.1.2), so each can be read, looked at and forgotten by itself.
 */
export function* slices(text: string): Generator<Slice> {
  let start = 0;
  let line = 1;
  let lines = 0;
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\n', at);
    const next = end < 0 ? text.length : end + 1;
    if (at > start && /^(---|\.\.\.)(\s|$)/.test(text.slice(at, at + 4))) {
      const closing = text.startsWith('...', at);
      const cut = closing ? next : at;
      yield { text: text.slice(start, cut), start, line };
      line += closing ? lines + 1 : lines;
      lines = closing ? 0 : 1;
      start = cut;
    } else {
      lines += 1;
    }
    at = next;
  }
  if (start < text.length) yield { text: text.slice(start), start, line };
}

/** Nothing but comments, directives and marks. */
export function isEmpty(text: string): boolean {
  return !/^(?!---\s*(#.*)?$|\.\.\.\s*$|%|\s*#|\s*$)/m.test(text);
}

/** Line and column of a place, counted from 1. */
export function placeIn({ text, line }: Slice, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: line + (before.match(/\n/g)?.length ?? 0), column: offset - lineStart + 1 };
}
