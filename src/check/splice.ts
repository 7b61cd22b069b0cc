import { type Document, isMap, isScalar, type Node, type Scalar, type YAMLMap } from 'yaml';
import type { Edit } from './finding.ts';
import { type Entry, endOf, entryIn, isPlain, lineEnd, lineStart, nodeAt, type Splice } from './in-text.ts';
import { insertion } from './insert.ts';

/** An edit as an exchange of characters, so that nothing else of the document moves; null: it takes a person. */
export function spliceFor(text: string, document: Document.Parsed, edit: Edit): Splice | null {
  const { path } = edit;
  const map = nodeAt(document, path.slice(0, -1));
  const pair = entryIn(map, path.at(-1));
  if (edit.kind === 'rename') {
    if (!isScalar(pair?.key) || pair.key.range == null || entryIn(map, edit.key) !== null) return null;
    const [start, end] = pair.key.range;
    return { start, end, word: quotedAs(pair.key, edit.key) };
  }
  if (edit.kind === 'remove') return isMap<Node, Node | null>(map) && pair !== null ? removal(text, map, pair) : null;
  const node = nodeAt(document, path);
  if (isScalar(node) && (typeof edit.value === 'string' || typeof edit.value === 'number'))
    if (node.range != null && node.range[0] < node.range[1]) return swap(text, node, edit.value);
  if (node !== undefined && !(isScalar(node) && node.value === null)) return null;
  return insertion(text, document, path, edit.value);
}

function swap(text: string, node: Scalar, value: string | number): Splice | null {
  const [start = 0, end = 0] = node.range ?? [];
  if (String(node.type).startsWith('BLOCK')) return inBlock(text, node, String(value));
  if (typeof value === 'number') return { start, end, word: String(value) };
  return { start, end, word: quotedAs(node, value) };
}

/** A script of several lines stays one: what is new goes in where the old text goes on in its last line. */
function inBlock(text: string, { range, value }: Scalar, wanted: string): Splice | null {
  const [start = 0, end = 0] = range ?? [];
  const old = String(value);
  const differs = [...old].findIndex((letter, index) => letter !== wanted[index]);
  const rest = old.slice(differs);
  const source = text.slice(start, end).trimEnd();
  if (differs < 0 || rest.includes('\n') || !wanted.endsWith(rest) || !source.endsWith(rest)) return null;
  const at = start + source.length - rest.length;
  return { start: at, end: at, word: wanted.slice(differs, wanted.length - rest.length) };
}

function quotedAs(node: Scalar, value: string): string {
  if (node.type === 'QUOTE_SINGLE' && !value.includes("'")) return `'${value}'`;
  // What was text without quotation marks stays so; what was not, or YAML 1.1 would not take for text, gets them.
  const plain = node.type === 'PLAIN' && typeof node.value === 'string' && isPlain(value);
  return plain ? value : JSON.stringify(value);
}

/** A field and the comment above it, whole lines where it has them. A map is not left empty: that is another manifest. */
function removal(text: string, map: YAMLMap<Node, Node | null>, pair: Entry): Splice | null {
  const index = map.items.indexOf(pair);
  const [before, next] = [map.items[index - 1], map.items[index + 1]];
  const start = pair.key.range?.[0] ?? 0;
  const after = next?.key.range?.[0];
  if (map.items.length === 1) return null;
  if (map.flow === true) {
    const [from, to] = after === undefined ? [endOf(before ?? pair), endOf(pair)] : [start, after];
    return /#/.test(text.slice(after === undefined ? from : endOf(pair), after ?? start)) ? null : cut(from, to);
  }
  const end = lineEnd(text, endOf(pair));
  const from = lineStart(text, start);
  if (/\S/.test(text.slice(from, start)))
    // It shares its line with the dash of a list.
    return after !== undefined && !/\S/.test(text.slice(end, after)) ? cut(start, after) : null;
  const newline = text.startsWith('\r\n', end) ? 2 : text[end] === '\n' && text[end - 1] !== '\n' ? 1 : 0;
  return cut(before === undefined ? from : aboveIt(text, from, start - from), end + newline);
}

function aboveIt(text: string, from: number, indent: number): number {
  const above = lineStart(text, from - 1);
  const line = text.slice(above, from);
  return above < from && line.slice(0, indent).trim() === '' && line[indent] === '#'
    ? aboveIt(text, above, indent)
    : from;
}

function cut(start: number, end: number): Splice {
  return { start, end, word: '' };
}
