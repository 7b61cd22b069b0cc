/** One document of a YAML stream with its position: `text` begins with the `---`, if it has one. */
export type DocumentText = { readonly text: string; readonly start: number; readonly line: number };

/** With line feeds for lone carriage returns, which end lines too (YAML 1.2, 5.4): as many characters, so that offsets stay. */
export function withLineFeeds(text: string): string {
  return text.replace(/\r(?!\n)/g, '\n');
}

/** The inverse, where carriage returns are the only line ends of the original. Others mean the same to YAML, everywhere in a document. */
export function withLineEndsOf(original: string, text: string): string {
  return /\r(?!\n)/.test(original) && !original.includes('\n') ? text.replaceAll('\n', '\r') : text;
}

/**
 * Splits a YAML stream into its documents without parsing it: a line that begins with `---` or `...` always ends a document
 * (YAML 1.2, 9.1.2), and JSON objects may follow one another, as kubectl reads them. So each document can be parsed, checked and
 * freed before the next one.
 */
export function* splitDocuments(text: string): Generator<DocumentText> {
  for (const document of splitAtMarkers(withLineFeeds(text))) yield* splitJson(document);
}

function* splitJson({ text, start, line }: DocumentText): Generator<DocumentText> {
  let [from, fromLine] = [0, line];
  for (let end = endOfObject(text, from); end >= 0 && /^\s*\{/.test(text.slice(end)); end = endOfObject(text, from)) {
    yield { text: text.slice(from, end), start: start + from, line: fromLine };
    fromLine += text.slice(from, end).match(/\n/g)?.length ?? 0;
    from = end;
  }
  yield from === 0 ? { text, start, line } : { text: text.slice(from), start: start + from, line: fromLine };
}

/** Behind the JSON object that a text begins with; -1 where it does not begin with one. */
function endOfObject(text: string, from: number): number {
  let depth = 0;
  let inString = false;
  for (let at = from; at < text.length; at += 1) {
    const letter = text.charAt(at);
    if (inString) {
      if (letter === '\\') at += 1;
      else inString = letter !== '"';
    } else if (letter === '{') depth += 1;
    else if (letter === '}') {
      depth -= 1;
      if (depth <= 0) return depth === 0 ? at + 1 : -1;
    } else if (letter === '"') inString = true;
    if (depth === 0 && !/\s/.test(letter)) return -1;
  }
  return -1;
}

function* splitAtMarkers(text: string): Generator<DocumentText> {
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
