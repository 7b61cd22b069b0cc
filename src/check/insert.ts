import { type Document, isMap, isScalar, type Node, type YAMLMap } from 'yaml';
import type { Edited, Path } from './finding.ts';
import { type Entry, endOf, entryIn, lineEnd, lineStart, nodeAt, type Splice, wordOf } from './in-text.ts';

/** A field that is not there yet, and the maps that should hold it, written into the nearest map that is; null: it takes a person. */
export function insertion(text: string, document: Document.Parsed, path: Path, value: Edited): Splice | null {
  for (let depth = path.length - 1; depth >= 0; depth -= 1) {
    const around = nodeAt(document, path.slice(0, depth));
    const [key = '', ...inside] = path.slice(depth).map(String);
    const whole = inside.reduceRight<Edited>((held, each) => ({ [each]: held }), value);
    if (isMap<Node, Node | null>(around)) {
      const pair = entryIn(around, key);
      if (around.flow === true) return pair === null ? intoFlow(text, around, key, whole) : null;
      return pair === null ? intoBlock(text, around, key, whole) : underKey(text, pair, whole);
    }
    if (around !== undefined && !(isScalar(around) && around.value === null)) return null;
  }
  return null;
}

/** Below the last field of a map, in a line of its own. */
function intoBlock(text: string, map: YAMLMap<Node, Node | null>, key: string, value: Edited): Splice | null {
  const [first, last] = [map.items[0], map.items.at(-1)];
  const start = first?.key.range?.[0];
  if (last === undefined || start === undefined) return null;
  const from = lineStart(text, start);
  if (!/^ *(- +)*$/.test(text.slice(from, start))) return null;
  return below(text, endOf(last), ' '.repeat(start - from), blockOf(key, value, stepOf(text)));
}

/** Under a key that has nothing: `strategy:`. */
function underKey(text: string, { key, value: old }: Entry, value: Edited): Splice | null {
  const [start, end] = key.range ?? [];
  if (start === undefined || end === undefined || typeof value !== 'object') return null;
  if (old !== null && !(isScalar(old) && old.value === null && old.anchor === undefined)) return null;
  if (!/^:[ \t]*(#.*)?$/.test(text.slice(end, lineEnd(text, end)))) return null;
  const from = lineStart(text, start);
  if (!/^ *(- +)*$/.test(text.slice(from, start))) return null;
  const step = stepOf(text);
  return below(text, end, ' '.repeat(start - from), fieldsOf(value, step));
}

function below(text: string, end: number, indent: string, lines: readonly string[]): Splice {
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const at = lineEnd(text, end);
  const whole = lines.map((line) => indent + line).join(newline);
  // A text of several lines ends with its last line, not before its end.
  return { start: at, end: at, word: text[at - 1] === '\n' ? whole + newline : newline + whole };
}

function blockOf(key: string, value: Edited, step: string): readonly string[] {
  return typeof value === 'object' ? [`${key}:`, ...fieldsOf(value, step)] : [`${key}: ${wordOf(value)}`];
}

function fieldsOf(value: Exclude<Edited, string | number>, step: string): readonly string[] {
  return Object.entries(value)
    .flatMap(([key, each]) => blockOf(key, each, step))
    .map((line) => step + line);
}

/** Behind the last field in braces, as the others are written there: JSON stays JSON. */
function intoFlow(text: string, map: YAMLMap<Node, Node | null>, key: string, value: Edited): Splice | null {
  const [open = 0, close = 0] = map.range ?? [];
  const last = map.items.at(-1);
  const padding = /^[ \t]/.test(text.slice(open + 1)) ? ' ' : '';
  if (last === undefined) {
    const json = /^\s*\{\s*"/.test(text);
    if (/\S/.test(text.slice(open + 1, close - 1))) return null;
    return { start: open + 1, end: close - 1, word: json ? jsonOf(key, value, ': ') : flowOf(key, value, '') };
  }
  const [start = 0, after = 0] = last.key.range ?? [];
  const at = endOf(last);
  const json = isScalar(last.key) && last.key.type === 'QUOTE_DOUBLE';
  const colon = text.startsWith(': ', after) || !json ? ': ' : ':';
  const from = lineStart(text, start);
  const indent = text.slice(from, start);
  const lined = indent.trim() === '' && from > open;
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const word = json ? jsonOf(key, value, colon, lined ? stepOf(text) : null) : flowOf(key, value, padding);
  const comma = lined ? `,${newline}${indent}` : json && colon === ':' ? ',' : ', ';
  return { start: at, end: at, word: comma + word.replaceAll('\n', newline + indent) };
}

function flowOf(key: string, value: Edited, padding: string): string {
  if (typeof value !== 'object') return `${key}: ${wordOf(value)}`;
  const fields = Object.entries(value).map(([each, inside]) => flowOf(each, inside, padding));
  return `${key}: {${padding}${fields.join(', ')}${padding}}`;
}

function jsonOf(key: string, value: Edited, colon: string, step: string | null = null): string {
  if (step !== null) return `${JSON.stringify(key)}${colon}${JSON.stringify(value, null, step)}`;
  if (typeof value !== 'object') return `${JSON.stringify(key)}${colon}${JSON.stringify(value)}`;
  const fields = Object.entries(value).map(([each, inside]) => jsonOf(each, inside, colon));
  return `${JSON.stringify(key)}${colon}{${fields.join(colon === ':' ? ',' : ', ')}}`;
}

/** The step of the first line that is indented below a key. */
function stepOf(text: string): string {
  const [, tabs] = /^\s*\{[ \t]*\r?\n([ \t]+)"/.exec(text) ?? [];
  if (tabs !== undefined) return tabs;
  const [, spaces] = /^[\w"']+:[ \t]*\r?\n( +)\w/m.exec(text) ?? [];
  return ' '.repeat(spaces === undefined ? 2 : Math.min(8, spaces.length));
}
