import { type Document, isMap, isScalar, type Node, type YAMLMap } from 'yaml';
import type { Path } from '../manifest-node.ts';
import type { EditValue } from './edit.ts';
import {
  documentNodeAt,
  endOf,
  lineEnd,
  lineStart,
  type MapPair,
  newlineOf,
  pairIn,
  scalarText,
  type TextEdit,
} from './source-text.ts';

/** Inserts a missing field, with the missing maps around it, into the nearest map that exists; null where only a person can do it. */
export function insertion(text: string, document: Document.Parsed, path: Path, value: EditValue): TextEdit | null {
  for (let depth = path.length - 1; depth >= 0; depth -= 1) {
    const parent = documentNodeAt(document, path.slice(0, depth));
    const [key = '', ...inner] = path.slice(depth).map(String);
    const nested = inner.reduceRight<EditValue>((held, each) => ({ [each]: held }), value);
    if (isMap<Node, Node | null>(parent)) {
      const pair = pairIn(parent, key);
      if (parent.flow === true) return pair === null ? intoFlow(text, parent, key, nested) : null;
      return pair === null ? intoBlock(text, parent, key, nested) : underKey(text, pair, nested);
    }
    if (parent !== undefined && !(isScalar(parent) && parent.value === null)) return null;
  }
  return null;
}

/** Below the last field of a block map, on lines of its own. */
function intoBlock(text: string, map: YAMLMap<Node, Node | null>, key: string, value: EditValue): TextEdit | null {
  const [first, last] = [map.items[0], map.items.at(-1)];
  const start = first?.key.range?.[0];
  if (last === undefined || start === undefined) return null;
  const from = lineStart(text, start);
  if (!/^ *(- +)*$/.test(text.slice(from, start))) return null;
  return insertLines(text, endOf(last), ' '.repeat(start - from), blockLines(key, value, indentOf(text)));
}

/** Under a key that has no value: `strategy:`. */
function underKey(text: string, { key, value: old }: MapPair, value: EditValue): TextEdit | null {
  const [start, end] = key.range ?? [];
  if (start === undefined || end === undefined || typeof value !== 'object') return null;
  if (old !== null && !(isScalar(old) && old.value === null && old.anchor === undefined)) return null;
  if (!/^:[ \t]*(#.*)?$/.test(text.slice(end, lineEnd(text, end)))) return null;
  const from = lineStart(text, start);
  if (!/^ *(- +)*$/.test(text.slice(from, start))) return null;
  return insertLines(text, end, ' '.repeat(start - from), fieldLines(value, indentOf(text)));
}

function insertLines(text: string, end: number, indent: string, lines: readonly string[]): TextEdit {
  const newline = newlineOf(text);
  const at = lineEnd(text, end);
  const whole = lines.map((line) => indent + line).join(newline);
  // After a block scalar `at` is already the start of the next line.
  return { start: at, end: at, text: text[at - 1] === '\n' ? whole + newline : newline + whole };
}

function blockLines(key: string, value: EditValue, indent: string): readonly string[] {
  return typeof value === 'object' ? [`${key}:`, ...fieldLines(value, indent)] : [`${key}: ${scalarText(value)}`];
}

function fieldLines(value: Exclude<EditValue, string | number>, indent: string): readonly string[] {
  return Object.entries(value)
    .flatMap(([key, each]) => blockLines(key, each, indent))
    .map((line) => indent + line);
}

/** After the last field in braces, in the style of the others, so that JSON stays JSON. */
function intoFlow(text: string, map: YAMLMap<Node, Node | null>, key: string, value: EditValue): TextEdit | null {
  const [open = 0, close = 0] = map.range ?? [];
  const last = map.items.at(-1);
  const padding = /^[ \t]/.test(text.slice(open + 1)) ? ' ' : '';
  if (last === undefined) {
    const json = /^\s*\{\s*"/.test(text);
    if (/\S/.test(text.slice(open + 1, close - 1))) return null;
    return { start: open + 1, end: close - 1, text: json ? jsonField(key, value, ': ') : flowField(key, value, '') };
  }
  const [start = 0, after = 0] = last.key.range ?? [];
  const at = endOf(last);
  const json = isScalar(last.key) && last.key.type === 'QUOTE_DOUBLE';
  const colon = text.startsWith(': ', after) || !json ? ': ' : ':';
  const from = lineStart(text, start);
  const indent = text.slice(from, start);
  const onOwnLine = indent.trim() === '' && from > open;
  const newline = newlineOf(text);
  const added = json ? jsonField(key, value, colon, onOwnLine ? indentOf(text) : null) : flowField(key, value, padding);
  const comma = onOwnLine ? `,${newline}${indent}` : json && colon === ':' ? ',' : ', ';
  return { start: at, end: at, text: comma + added.replaceAll('\n', newline + indent) };
}

function flowField(key: string, value: EditValue, padding: string): string {
  if (typeof value !== 'object') return `${key}: ${scalarText(value)}`;
  const fields = Object.entries(value).map(([each, inner]) => flowField(each, inner, padding));
  return `${key}: {${padding}${fields.join(', ')}${padding}}`;
}

function jsonField(key: string, value: EditValue, colon: string, indent: string | null = null): string {
  if (indent !== null) return `${JSON.stringify(key)}${colon}${JSON.stringify(value, null, indent)}`;
  if (typeof value !== 'object') return `${JSON.stringify(key)}${colon}${JSON.stringify(value)}`;
  const fields = Object.entries(value).map(([each, inner]) => jsonField(each, inner, colon));
  return `${JSON.stringify(key)}${colon}{${fields.join(colon === ':' ? ',' : ', ')}}`;
}

/** One level of indentation in this text, as its first indented line shows it. */
function indentOf(text: string): string {
  const [, json] = /^\s*\{[ \t]*\r?\n([ \t]+)"/.exec(text) ?? [];
  if (json !== undefined) return json;
  const [, yaml] = /^[\w"']+:[ \t]*\r?\n( +)\w/m.exec(text) ?? [];
  return ' '.repeat(yaml === undefined ? 2 : Math.min(8, yaml.length));
}
