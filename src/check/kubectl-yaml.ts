import {
  type Document,
  isAlias,
  isCollection,
  isNode,
  isScalar,
  type Node,
  type ParseOptions,
  parseDocument,
  visit,
  YAMLParseError,
} from 'yaml';

// Without prettyErrors, whose excerpts could show secrets.
const OPTIONS: ParseOptions & {
  readonly logLevel: 'silent';
  readonly prettyErrors: false;
  readonly uniqueKeys: false;
} = { prettyErrors: false, uniqueKeys: false, keepSourceTokens: false, logLevel: 'silent' };

/**
 * Parses a document and accepts what kubectl accepts beyond YAML 1.2 (go-yaml 2, measured with 2.4.0): collections in brackets
 * and quoted scalars that go on at a lower indentation, and comments right behind a value. Offsets are those of the text.
 */
export function parseAsKubectl(text: string): Document.Parsed {
  const document = parsed(text);
  if (document.errors.length === 0) return document;
  return parsedOnOneLine(text, document) ?? document;
}

function parsed(text: string): Document.Parsed {
  const document = parseDocument(text, OPTIONS);
  if (document.errors.length === 0) {
    document.errors.push(...aliasErrors(text, document));
    return document;
  }
  // Faults of form, which change nothing in what the document contains.
  const isClosed = openNode(text, document) === null;
  document.errors = document.errors.filter(
    ({ code, message }) =>
      !(code === 'BAD_INDENT' && message.startsWith('Flow ') && isClosed) &&
      !(code === 'MISSING_CHAR' && message.startsWith('Comments must be separated')),
  );
  return document;
}

/** An alias that names no anchor before it, or one that it is in. The parser finds neither until it makes values. */
function aliasErrors(text: string, document: Document.Parsed): readonly YAMLParseError[] {
  if (!text.includes('*')) return [];
  const errors: YAMLParseError[] = [];
  const anchors = new Set<string>();
  visit(document, {
    Node(_, node, ancestors) {
      const { anchor } = node as { readonly anchor?: string };
      if (anchor !== undefined) anchors.add(anchor);
      if (!isAlias(node)) return;
      const [start = 0, end = 0] = node.range ?? [];
      const isInside = ancestors.some((each) => isNode(each) && (each as { anchor?: string }).anchor === node.source);
      if (anchors.has(node.source) && !isInside) return;
      const fault = isInside
        ? `Anchor ${node.source} contains itself`
        : `No anchor before it has the name ${node.source}; a value that begins with * needs quotes`;
      errors.push(new YAMLParseError([start, end], 'BAD_ALIAS', fault));
    },
  });
  return errors;
}

/** In characters: what is parsed again, together, for one document. */
const MAX_PARSED = 4_000_000;

/** What stands on one line instead, in as many characters, so that every offset stays as it is; and the values of quoted scalars in it. */
type Joined = { readonly text: string; readonly values: readonly (readonly [start: number, value: unknown])[] };

/** With what goes on at a lower indentation on one line, where the parser reads it; null where the document has another fault. */
function parsedOnOneLine(text: string, document: Document.Parsed): Document.Parsed | null {
  const values = new Map<number, unknown>();
  let [current, currentText, left] = [document, text, MAX_PARSED];
  while (current.errors.length > 0) {
    const start = openNode(currentText, current);
    const joined = start === null ? null : joinedFrom(text, start);
    left -= text.length;
    if (start === null || joined === null || left < 0) return null;
    const next = currentText.slice(0, start) + joined.text + currentText.slice(start + joined.text.length);
    if (next === currentText) return null;
    for (const [offset, value] of joined.values) values.set(offset, value);
    currentText = next;
    current = parsed(currentText);
  }
  visit(current, {
    Scalar(_, node) {
      const start = node.range?.[0];
      if (start !== undefined && values.has(start)) node.value = values.get(start);
    },
  });
  return current;
}

/** The start of the first node whose end the parser has not found: a quoted scalar, or a collection in brackets; null: there is none. */
function openNode(text: string, document: Document.Parsed): number | null {
  let found: number | null = null;
  visit(document, {
    Node(_, node) {
      const [start, end] = node.range ?? [];
      if (start === undefined || end === undefined || !isOpen(text, node, start, end)) return undefined;
      found = start;
      return visit.BREAK;
    },
  });
  return found;
}

function isOpen(text: string, node: Node, start: number, end: number): boolean {
  if (isScalar(node)) return String(node.type).startsWith('QUOTE') && endOfQuoted(text.slice(0, end), start) !== end;
  if (!isCollection(node) || node.flow !== true) return false;
  return text.charAt(end - 1) !== (text.charAt(start) === '{' ? '}' : ']');
}

/** The quoted scalar or the collection in brackets that begins there; null where it has no end. */
function joinedFrom(text: string, start: number): Joined | null {
  if (!/[[{]/.test(text.charAt(start))) return joinedQuoted(text, start);
  const values: (readonly [number, unknown])[] = [];
  let [joined, depth, at] = ['', 0, start];
  while (at < text.length) {
    const letter = text.charAt(at);
    BLANK.lastIndex = at;
    const blank = BLANK.exec(text)?.[0] ?? '';
    if (blank !== '') {
      joined += ' '.repeat(blank.length);
      at += blank.length;
    } else if (/["']/.test(letter) && /[\s,:[{]$/.test(joined)) {
      const quoted = joinedQuoted(text, at);
      if (quoted === null) return null;
      values.push(...quoted.values);
      joined += quoted.text;
      at += quoted.text.length;
    } else {
      depth += /[[{]/.test(letter) ? 1 : /[\]}]/.test(letter) ? -1 : 0;
      joined += letter;
      at += 1;
      if (depth === 0) return { text: joined, values };
    }
  }
  return null;
}

/** Blanks and comments between two items. */
const BLANK = /(?:\s+|(?<=[\s,[{\]}"'])#[^\n]*)+/y;

function joinedQuoted(text: string, start: number): Joined | null {
  const source = text.slice(start, endOfQuoted(text, start));
  if (endOfQuoted(text, start) < 0) return null;
  const { contents, errors } = parseDocument(source, OPTIONS);
  if (errors.length > 0 || !isScalar(contents)) return null;
  const joined = source.replace(/[ \t]*\r?\n\s*/g, (blank) => ' '.repeat(blank.length));
  return { text: joined, values: joined === source ? [] : [[start, contents.value]] };
}

/** Behind the closing quote of the scalar that begins there; -1 where there is none. */
function endOfQuoted(text: string, start: number): number {
  const quote = text.charAt(start);
  for (let at = start + 1; at < text.length; at += 1) {
    const letter = text.charAt(at);
    if (quote === '"' && letter === '\\') at += 1;
    else if (letter === quote && quote === "'" && text.charAt(at + 1) === quote) at += 1;
    else if (letter === quote) return at + 1;
  }
  return -1;
}
