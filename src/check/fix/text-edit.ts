import { type Document, isMap, isScalar, type Node, type Scalar, type YAMLMap } from 'yaml';
import type { Edit } from './edit.ts';
import { insertion } from './insertion.ts';
import {
  documentNodeAt,
  endOf,
  isPlain,
  lineEnd,
  lineStart,
  type MapPair,
  pairIn,
  type TextEdit,
} from './source-text.ts';

/** An edit of the document as an edit of its text that changes nothing else; null where only a person can do it. */
export function textEditFor(text: string, document: Document.Parsed, edit: Edit): TextEdit | null {
  const { path } = edit;
  const map = documentNodeAt(document, path.slice(0, -1));
  const pair = pairIn(map, path.at(-1));
  if (edit.kind === 'rename') {
    if (!isScalar(pair?.key) || pair.key.range == null || pairIn(map, edit.key) !== null) return null;
    const [start, end] = pair.key.range;
    return { start, end, text: quotedLike(pair.key, edit.key) };
  }
  if (edit.kind === 'remove') return isMap<Node, Node | null>(map) && pair !== null ? removal(text, map, pair) : null;
  const node = documentNodeAt(document, path);
  if (isScalar(node) && (typeof edit.value === 'string' || typeof edit.value === 'number'))
    if (node.range != null && node.range[0] < node.range[1]) return replacement(text, node, edit.value);
  if (node !== undefined && !(isScalar(node) && node.value === null)) return null;
  return insertion(text, document, path, edit.value);
}

function replacement(text: string, node: Scalar, value: string | number): TextEdit | null {
  const [start = 0, end = 0] = node.range ?? [];
  if (String(node.type).startsWith('BLOCK')) return insertionInBlock(text, node, String(value));
  if (typeof value === 'number') return { start, end, text: String(value) };
  return { start, end, text: quotedLike(node, value) };
}

/** In a block scalar of several lines, only what the new value adds to the last line is inserted. */
function insertionInBlock(text: string, { range, value }: Scalar, newValue: string): TextEdit | null {
  const [start = 0, end = 0] = range ?? [];
  const old = String(value);
  const difference = [...old].findIndex((letter, index) => letter !== newValue[index]);
  const rest = old.slice(difference);
  const [last, source] = [rest.trimEnd(), text.slice(start, end).trimEnd()];
  if (difference < 0 || last.includes('\n') || !newValue.endsWith(rest) || !source.endsWith(last)) return null;
  const at = start + source.length - last.length;
  return { start: at, end: at, text: newValue.slice(difference, newValue.length - rest.length) };
}

function quotedLike(node: Scalar, value: string): string {
  if (node.type === 'QUOTE_SINGLE' && !value.includes("'")) return `'${value}'`;
  // A string without quotes stays without them; another value, or one that YAML 1.1 does not read as a string, gets quotes.
  const plain = node.type === 'PLAIN' && typeof node.value === 'string' && isPlain(value);
  return plain ? value : JSON.stringify(value);
}

/** Removes a field and the comments above it, as whole lines where it has its own. An empty map would mean something else, so the last field stays. */
function removal(text: string, map: YAMLMap<Node, Node | null>, pair: MapPair): TextEdit | null {
  const index = map.items.indexOf(pair);
  const [before, next] = [map.items[index - 1], map.items[index + 1]];
  const start = pair.key.range?.[0] ?? 0;
  const after = next?.key.range?.[0];
  if (map.items.length === 1) return null;
  if (map.flow === true) {
    const [from, to] = after === undefined ? [endOf(before ?? pair), endOf(pair)] : [start, after];
    return /#/.test(text.slice(after === undefined ? from : endOf(pair), after ?? start)) ? null : deletion(from, to);
  }
  const end = lineEnd(text, endOf(pair));
  const from = lineStart(text, start);
  if (/\S/.test(text.slice(from, start)))
    // Its line begins with the dash of a list item.
    return after !== undefined && !/\S/.test(text.slice(end, after)) ? deletion(start, after) : null;
  const newline = text.startsWith('\r\n', end) ? 2 : text[end] === '\n' && text[end - 1] !== '\n' ? 1 : 0;
  return deletion(before === undefined ? from : startOfComments(text, from, start - from), end + newline);
}

/** The start of the comment lines directly above, if they have this indentation. */
function startOfComments(text: string, from: number, indent: number): number {
  const above = lineStart(text, from - 1);
  const line = text.slice(above, from);
  return above < from && line.slice(0, indent).trim() === '' && line[indent] === '#'
    ? startOfComments(text, above, indent)
    : from;
}

function deletion(start: number, end: number): TextEdit {
  return { start, end, text: '' };
}
