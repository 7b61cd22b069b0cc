import { type Document, isMap, isScalar, type Node } from 'yaml';
import { parse } from './document.ts';
import type { Edit } from './finding.ts';

/**
 * The document with these edits, comments kept. A word that becomes another is exchanged where it stands, and nothing else
 * moves; where fields come or go the document is written anew, in the style that it had.
 */
export function fixed(text: string, document: Document.Parsed, edits: readonly Edit[]): string {
  const swaps = edits.flatMap((edit) => swapFor(document, edit) ?? []);
  const swapped = swaps
    .toSorted((a, b) => b.start - a.start)
    .reduce((whole, { start, end, word }) => whole.slice(0, start) + word + whole.slice(end), text);
  const others = edits.filter((edit) => swapFor(document, edit) === null);
  return others.length === 0 ? swapped : written(swapped, parse(swapped), others);
}

type Swap = { readonly start: number; readonly end: number; readonly word: string };

/** A word that stands in one line, and that another word can replace; null for all else. */
function swapFor(document: Document.Parsed, { path, value }: Edit): Swap | null {
  const node = document.getIn(path, true);
  if (!isScalar(node) || node.range == null || (typeof value !== 'string' && typeof value !== 'number')) return null;
  const [start, end] = node.range;
  if (start === end || String(node.type).startsWith('BLOCK')) return null;
  if (typeof value === 'number') return { start, end, word: String(value) };
  if (node.type === 'QUOTE_SINGLE' && !value.includes("'")) return { start, end, word: `'${value}'` };
  // What was text without quotation marks stays so; what was not, or YAML 1.1 would not take for text, gets them.
  const plain = node.type === 'PLAIN' && typeof node.value === 'string' && !TRUTH.test(value);
  return { start, end, word: plain ? value : JSON.stringify(value) };
}

const TRUTH = /^(yes|no|on|off|true|false)$/i;

function written(text: string, document: Document.Parsed, edits: readonly Edit[]): string {
  for (const { path, value } of edits) {
    if (value === undefined) remove(document, path);
    else put(document, path, value);
  }
  const whole = document.toString({
    lineWidth: 0,
    indentSeq: !/^( *)[\w"'.-]+:[ \t]*(?:#.*)?\r?\n\1- /m.test(text),
    flowCollectionPadding: /[{[] \S/.test(text) || !/[{[]\S/.test(text),
    indent: indentOf(text),
  });
  const marked = /^---[ \t]*(\r?\n|$)/m.test(text);
  const lines = marked && !/^---\s/m.test(whole) ? `---\n${whole}` : whole;
  return text.includes('\r\n') ? lines.replace(/\r?\n/g, '\r\n') : lines;
}

function put(document: Document.Parsed, path: Edit['path'], value: Edit['value']): void {
  const before = document.getIn(path, true);
  // A script of several lines stays one, with its comment.
  if (isScalar(before) && typeof value === 'string') before.value = value;
  else document.setIn(path, document.createNode(value));
}

/** Takes a field out, and the maps around it that are then empty; the comment above it goes with it. */
function remove(document: Document.Parsed, path: Edit['path']): void {
  document.deleteIn(path);
  const parent = document.getIn(path.slice(0, -1), true) as Node | undefined;
  if (path.length > 1 && isMap(parent) && parent.items.length === 0) remove(document, path.slice(0, -1));
}

/** The step of the first line that is indented below a key. */
function indentOf(text: string): number {
  const [, spaces] = /^[\w"']+:[ \t]*\r?\n( +)\w/m.exec(text) ?? [];
  return spaces === undefined ? 2 : Math.min(8, spaces.length);
}
