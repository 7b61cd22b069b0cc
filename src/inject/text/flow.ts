import { isMap, isScalar, type Node, type YAMLMap, type YAMLSeq } from 'yaml';
import { endOf, lineStart, type MapPair, newlineOf, type TextEdit } from '../../check/fix/source-text.ts';
import type { Json } from '../json.ts';
import { endOfNode } from './lines.ts';
import { flowText, jsonLine, scalarIn } from './render.ts';

/** Fields, which come last, or items before the one that has this index. */
export type FlowAddition =
  | { readonly pairs: readonly (readonly [key: string, value: Json])[] }
  | { readonly index: number; readonly values: readonly Json[] };

type Part = { readonly start: number; readonly end: number };

/** Changes what is in braces or brackets, in the style of what is there, so that JSON stays JSON. */
export function changeFlow(
  text: string,
  collection: YAMLMap<Node, Node | null> | YAMLSeq<Node>,
  removed: ReadonlySet<number>,
  additions: readonly FlowAddition[],
): readonly TextEdit[] {
  const parts = flowParts(collection);
  const style = styleOf(text, collection, parts);
  const left = new Set(removed);
  const added = additions.map((addition): TextEdit => {
    const texts = textsOf(addition, style).join(style.separator);
    const index = 'index' in addition ? addition.index : parts.length;
    // What goes makes place, so that no separator is left over.
    const place = [index - 1, index].find((each) => left.has(each));
    const part = place === undefined ? undefined : parts[place];
    if (place === undefined || part === undefined) return insertionAt(collection, { parts, index, texts }, style);
    left.delete(place);
    return { ...part, text: texts };
  });
  const runs = removeFromFlow(parts.map((part, index) => ({ ...part, removed: left.has(index) })));
  return [...added, ...runs.map((range) => ({ ...range, text: '' }))];
}

function insertionAt(
  collection: YAMLMap<Node, Node | null> | YAMLSeq<Node>,
  { parts, index, texts }: { readonly parts: readonly Part[]; readonly index: number; readonly texts: string },
  { separator }: FlowStyle,
): TextEdit {
  const [before, next] = [parts[index - 1], parts[index]];
  if (before !== undefined) return { start: before.end, end: before.end, text: separator + texts };
  if (next !== undefined) return { start: next.start, end: next.start, text: texts + separator };
  const [open = 0] = collection.range ?? [];
  return { start: open + 1, end: open + 1, text: texts };
}

export function flowParts(collection: YAMLMap<Node, Node | null> | YAMLSeq<Node>): readonly Part[] {
  return isMap<Node, Node | null>(collection)
    ? collection.items.map((pair) => ({ start: pair.key.range?.[0] ?? 0, end: endOf(pair as MapPair) }))
    : collection.items.map((item) => ({ start: item.range?.[0] ?? 0, end: endOfNode(item, 0) }));
}

/** What is removed, each run of parts with one of the separators around it. */
export function removeFromFlow(parts: readonly (Part & { readonly removed: boolean })[]): readonly Part[] {
  const ranges: Part[] = [];
  for (let index = 0; index < parts.length; index += 1) {
    if (parts[index]?.removed !== true) continue;
    const begin = index;
    while (parts[index + 1]?.removed === true) index += 1;
    const [before, first, last, next] = [parts[begin - 1], parts[begin], parts[index], parts[index + 1]];
    const start = before?.end ?? first?.start ?? 0;
    ranges.push({ start, end: before === undefined && next !== undefined ? next.start : (last?.end ?? start) });
  }
  return ranges;
}

type FlowStyle = {
  readonly json: boolean;
  readonly colon: string;
  readonly separator: string;
  /** Each part has lines of its own, with this indentation. */
  readonly indent: string | null;
  readonly step: string;
  readonly newline: string;
};

function styleOf(
  text: string,
  collection: YAMLMap<Node, Node | null> | YAMLSeq<Node>,
  parts: readonly Part[],
): FlowStyle {
  const [first, second] = parts;
  const json = isJsonText(text, collection);
  const colon = !json || /"\s*: /.test(text) ? ': ' : ':';
  const newline = newlineOf(text);
  const [open = 0] = collection.range ?? [];
  const from = first === undefined ? 0 : lineStart(text, first.start);
  const indent = first === undefined ? '' : text.slice(from, first.start);
  const onOwnLine = first !== undefined && indent.trim() === '' && from > open;
  const outer = /^[ \t]*/.exec(text.slice(lineStart(text, open)))?.[0] ?? '';
  const between = first === undefined || second === undefined ? '' : text.slice(first.end, second.start);
  const inline = between === ',' || (json && colon === ':') ? ',' : ', ';
  return {
    json,
    colon,
    newline,
    indent: onOwnLine ? indent : null,
    step: onOwnLine && indent.length > outer.length ? indent.slice(outer.length) : '  ',
    separator: onOwnLine ? `,${newline}${indent}` : inline,
  };
}

/** Whether the document is JSON: the outermost braces have quoted keys. */
function isJsonText(text: string, collection: YAMLMap<Node, Node | null> | YAMLSeq<Node>): boolean {
  const [first] = collection.items;
  const key = isMap<Node, Node | null>(collection) ? collection.items[0]?.key : undefined;
  if (key !== undefined) return isScalar(key) && key.type === 'QUOTE_DOUBLE';
  if (first !== undefined && isMap<Node, Node | null>(first) && first.items.length > 0)
    return isJsonText(text, first as YAMLMap<Node, Node | null>);
  return /^\s*\{\s*"/.test(text);
}

function textsOf(addition: FlowAddition, { json, colon, indent, step, newline }: FlowStyle): readonly string[] {
  const spread = (value: Json): string =>
    indent === null ? jsonLine(value, colon) : JSON.stringify(value, null, step).replaceAll('\n', newline + indent);
  const write = json ? spread : flowText;
  if ('values' in addition) return addition.values.map(write);
  return addition.pairs.map(([key, value]) =>
    json ? `${JSON.stringify(key)}${colon}${write(value)}` : `${scalarIn(key)}: ${write(value)}`,
  );
}
