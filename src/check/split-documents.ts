/** One document of a YAML stream with its position: `text` begins with the `---`, if it has one. */
export type DocumentText = { readonly text: string; readonly start: number; readonly line: number };

/**
 * Splits a YAML stream into its documents without parsing it: a line that begins with `---` or `...` always ends a document
 * (YAML 1.2, 9.1.2). So each document can be parsed, checked and freed before the next one.
 */
export function* splitDocuments(text: string): Generator<DocumentText> {
  let start = 0;
  let line = 1;
  let lines = 0;
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\n', at);
    const next = end < 0 ? text.length : end + 1;
    if (at > start && /^(---|\.\.\.)(\s|$)/.test(text.slice(at, at + 4))) {
      const isDocumentEnd = text.startsWith('...', at);
      const split = isDocumentEnd ? next : at;
      yield { text: text.slice(start, split), start, line };
      line += isDocumentEnd ? lines + 1 : lines;
      lines = isDocumentEnd ? 0 : 1;
      start = split;
    } else {
      lines += 1;
    }
    at = next;
  }
  if (start < text.length) yield { text: text.slice(start), start, line };
}

/** Whether it has only comments, directives and document markers. */
export function isEmpty(text: string): boolean {
  // Blanks but no line ends: a regular expression that crosses lines takes the square of their number.
  return !/^(?!---[^\S\n]*(#.*)?$|\.\.\.[^\S\n]*$|%|[^\S\n]*#|[^\S\n]*$)/m.test(text);
}

/** The line and column of an offset in a document; both count from 1. */
export function positionIn(
  { text, line }: DocumentText,
  offset: number,
): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: line + (before.match(/\n/g)?.length ?? 0), column: offset - lineStart + 1 };
}
