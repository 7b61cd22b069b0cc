import { isAlias, isMap, isScalar, isSeq, type Node, type YAMLMap, type YAMLSeq } from 'yaml';
import { endOf, lineStart, type MapPair, newlineOf, pairIn, type TextEdit } from '../../check/fix/source-text.ts';
import { child, type ManifestNode, mergedChild } from '../../check/manifest-node.ts';
import { dataOf } from '../data-of.ts';
import { isJsonList, isJsonMap, isSame, type Json, type JsonMap } from '../json.ts';
import { Refusal } from '../refusal.ts';
import { aligned } from './align.ts';
import { changeFlow, flowParts, removeFromFlow } from './flow.ts';
import {
  dashBefore,
  endOfLine,
  endOfNode,
  indentBefore,
  isBlock,
  isFlow,
  linesText,
  nextLine,
  startOfComments,
} from './lines.ts';
import { flowText, itemLines, jsonLine, pairLines, type Style, scalarIn } from './render.ts';
import { movedTo, type Verbatim } from './verbatim.ts';

/** What is needed to change a text. */
export type TextContext = {
  readonly text: string;
  readonly style: Style;
  /** Fields that are written as they were, by path. */
  readonly verbatim: (path: ManifestNode['path']) => Verbatim | undefined;
  /** Whether a field is exchanged or taken out as a whole, comments included, and not changed inside. */
  readonly isWhole: (path: ManifestNode['path']) => boolean;
  /** Whether what has an anchor is changed too: the caller then writes out its aliases. */
  readonly intoAnchors: boolean;
};

/**
 * The edits that give a node of the document another value, and leave everything else as it is, comments included. What is
 * only inserted can be removed again without a trace. Throws a Refusal where an edit would change other places too.
 */
export function reconcile(node: ManifestNode, wanted: Json, context: TextContext): readonly TextEdit[] {
  const { value } = node;
  if (isSame(dataOf(node), wanted)) return [];
  if (node.shared && !context.intoAnchors) throw new Refusal(node.offset, SHARED);
  if (isMap<Node, Node | null>(value) && isJsonMap(wanted)) return reconcileMap(node, value, wanted, context);
  if (isSeq<Node>(value) && isJsonList(wanted)) return reconcileList(node, value, wanted, context);
  throw new Refusal(node.offset, 'it is not written as Kubernetes has it');
}

function reconcileMap(
  node: ManifestNode,
  map: YAMLMap<Node, Node | null>,
  wanted: JsonMap,
  context: TextContext,
): readonly TextEdit[] {
  const edits: TextEdit[] = [];
  const intoFlow: (readonly [string, Json])[] = [];
  /** Fields that override what the merge keys have, and need not any more. */
  const overridden = new Set<string>();
  for (const [key, value] of Object.entries(wanted)) {
    const pair = pairIn(map, key);
    const held = child(node, key);
    const path = [...node.path, key];
    if (pair === null) {
      // A field beside a merge key overrides what it merges.
      if (held.value !== null && isSame(dataOf(held), value)) continue;
      const restored = restoredPair(map, { ...context, path });
      if (restored !== null) edits.push(restored);
      else if (isFlow(map)) intoFlow.push([key, value]);
      else edits.push(insertPair(map, key, value, context));
    } else if (isMerged(node, key, { value, verbatim: context.verbatim(path) })) {
      if (!isSame(dataOf(held), value)) overridden.add(key);
    } else if (isAlias(pair.value)) {
      const [start = 0, end = 0] = pair.value.range ?? [];
      if (!isSame(dataOf(held), value)) edits.push({ start, end, text: flowText(value) });
    } else if (!isSame(dataOf(held), value)) {
      const inside =
        !context.isWhole(path) &&
        !(isBlock(pair.value) && isEmpty(value)) &&
        ((isMap(pair.value) && isJsonMap(value)) || (isSeq(pair.value) && isJsonList(value)));
      if (inside) edits.push(...reconcile(held, value, context));
      else if (held.shared && !context.isWhole(path) && !context.intoAnchors) throw new Refusal(held.offset, SHARED);
      else edits.push(replacePair(pair, value, { ...context, path }));
    }
  }
  const unwanted = (pair: unknown): boolean => {
    const { key } = pair as MapPair;
    if (!isScalar(key) || key.value === '<<') return false;
    return !Object.hasOwn(wanted, String(key.value)) || overridden.has(String(key.value));
  };
  if (isFlow(map)) {
    const removed = new Set(map.items.flatMap((pair, index) => (unwanted(pair) ? [index] : [])));
    edits.push(...changeFlow(context.text, map, removed, intoFlow.length === 0 ? [] : [{ pairs: intoFlow }]));
  } else {
    for (const pair of map.items.filter(unwanted)) {
      const whole = isScalar(pair.key) && context.isWhole([...node.path, String(pair.key.value)]);
      edits.push({ ...linesOf(context.text, map, pair as MapPair, whole), text: '' });
    }
  }
  const merged = Object.keys(dataOf(node) as JsonMap).find(
    (key) => pairIn(map, key) === null && !Object.hasOwn(wanted, key),
  );
  if (merged !== undefined)
    throw new Refusal(
      node.offset,
      `its ${merged} comes from a merge key, where it cannot be taken out; write it out first`,
    );
  return edits;
}

/** Whether the merge keys alone would give the field its value, and it was not written beside them. */
function isMerged(
  node: ManifestNode,
  key: string,
  { value, verbatim }: { readonly value: Json; readonly verbatim: Verbatim | undefined },
): boolean {
  const merged = mergedChild(node, key);
  return merged.value !== null && (verbatim?.text ?? '') === '' && isSame(dataOf(merged), value);
}

/** A block cannot be written without anything in it. */
function isEmpty(value: Json): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

const SHARED =
  'a change here would change other places too, because of an anchor with an alias: write the alias out, as kubectl create --dry-run=client -o yaml prints it';

type PairContext = TextContext & { readonly path: ManifestNode['path'] };

/** A field that was taken out, where it was; null where there is none, or its place has gone. */
function restoredPair(map: YAMLMap<Node, Node | null>, { text, path, verbatim: find }: PairContext): TextEdit | null {
  const verbatim = find(path);
  if (verbatim?.after === undefined || verbatim.text === '') return null;
  const before = verbatim.after === null ? null : pairIn(map, verbatim.after);
  const first = map.items[0]?.key.range?.[0];
  if (first === undefined || (verbatim.after !== null && before === null)) return null;
  const wasInFlow = /^\s*,|,\s*$/.test(verbatim.text);
  if (isFlow(map)) return wasInFlow ? insertion(before === null ? first : endOf(before), verbatim.text) : null;
  const indent = indentBefore(text, first);
  if (indent === null || wasInFlow) return null;
  if (!verbatim.text.endsWith('\n')) return before === null ? insertion(first, movedTo(verbatim, indent)) : null;
  // The first of whole lines has its own indentation.
  const lines = movedTo({ ...verbatim, text: `\n${verbatim.text}` }, indent).slice(1);
  const at = before === null ? startOfComments(text, lineStart(text, first)) : nextLine(text, endOf(before));
  return insertion(at, lines);
}

function insertPair(map: YAMLMap<Node, Node | null>, key: string, value: Json, { text, style }: TextContext): TextEdit {
  const last = map.items.at(-1) as MapPair | undefined;
  const start = map.items[0]?.key.range?.[0];
  const indent = start === undefined ? null : indentBefore(text, start);
  if (last === undefined || indent === null)
    throw new Refusal(map.range?.[0] ?? 0, 'its fields are not on lines of their own');
  return insertion(nextLine(text, endOf(last)), linesText(pairLines(key, value, style), indent, newlineOf(text)));
}

function insertion(at: number, text: string): TextEdit {
  return { start: at, end: at, text };
}

function replacePair(pair: MapPair, value: Json, context: PairContext): TextEdit {
  const { text, style, path } = context;
  const { start, end } = extentOf(text, pair);
  const key = String(path.at(-1));
  const found = context.verbatim(path);
  const verbatim = found?.text === '' ? undefined : found;
  const column = start - lineStart(text, start);
  const json = isScalar(pair.key) && pair.key.type === 'QUOTE_DOUBLE';
  // Lines that begin with tabs are JSON, and no YAML outside of it.
  if (verbatim !== undefined && (json || !/\n *\t/.test(verbatim.text)))
    return { start, end, text: movedTo(verbatim, column) };
  if (json) return { start, end, text: `"${key}"${colonOf(text, pair)}${jsonLine(value, colonOf(text, pair))}` };
  if (!isBlock(pair.value)) return { start, end, text: `${scalarIn(key)}: ${flowText(value)}` };
  const indent = indentBefore(text, start);
  if (indent === null) throw new Refusal(start, 'its fields are not on lines of their own');
  const newline = newlineOf(text);
  return { start, end, text: pairLines(key, value, style).join(`${newline}${' '.repeat(indent)}`) };
}

function colonOf(text: string, { key }: MapPair): string {
  return text.startsWith(': ', key.range?.[1] ?? 0) ? ': ' : ':';
}

/** From the key to the end of the value, with the comment behind the last line of a block. */
function extentOf(text: string, pair: MapPair): { readonly start: number; readonly end: number } {
  const start = pair.key.range?.[0] ?? 0;
  const end = endOf(pair);
  return { start, end: isBlock(pair.value) || text[end - 1] === '\n' ? endOfLine(text, end) : end };
}

/** A field as it is written, to be exchanged by another value; null where an alias or a merge key has it. */
export function verbatimOf(text: string, map: Node | null, key: string): Verbatim | null {
  const pair = pairIn(map ?? undefined, key);
  if (pair === null) return null;
  const { start, end } = extentOf(text, pair);
  return { text: text.slice(start, end), column: start - lineStart(text, start) };
}

/** A field as it is written, to be taken out, with the comments between it and the field before it. */
export function removedOf(text: string, map: Node | null, key: string): Verbatim | null {
  const pair = pairIn(map ?? undefined, key);
  if (pair === null || !isMap<Node, Node | null>(map)) return null;
  const index = map.items.indexOf(pair);
  const before = map.items[index - 1];
  const parts = flowParts(map).map((part, each) => ({ ...part, removed: each === index }));
  const [range] = isFlow(map) ? removeFromFlow(parts) : [linesOf(text, map, pair, true)];
  const from = pair.key.range?.[0] ?? 0;
  const after = before === undefined ? null : isScalar(before.key) ? String(before.key.value) : null;
  return { text: text.slice(range?.start, range?.end), column: from - lineStart(text, from), after };
}

/** What a field of a block map takes: whole lines, unless it is behind the dash of a list item. */
function linesOf(
  text: string,
  map: YAMLMap<Node, Node | null>,
  pair: MapPair,
  withComments: boolean,
): { readonly start: number; readonly end: number } {
  const index = map.items.indexOf(pair);
  const before = map.items[index - 1] as MapPair | undefined;
  const start = pair.key.range?.[0] ?? 0;
  const from = lineStart(text, start);
  if (/\S/.test(text.slice(from, start))) {
    const after = map.items[index + 1]?.key.range?.[0];
    if (after === undefined) throw new Refusal(start, 'it would be empty without this field');
    return { start, end: after };
  }
  const end = nextLine(text, endOf(pair));
  if (!withComments) return { start: from, end };
  return { start: before === undefined ? startOfComments(text, from) : nextLine(text, endOf(before)), end };
}

function reconcileList(
  node: ManifestNode,
  list: YAMLSeq<Node>,
  wanted: readonly Json[],
  context: TextContext,
): readonly TextEdit[] {
  const held = list.items.map((_, index) => dataOf(child(node, index)));
  const edits: TextEdit[] = [];
  const removed = new Set(held.keys());
  const added: { readonly index: number; readonly values: Json[] }[] = [];
  let at = 0;
  for (const [position, found] of aligned(held, wanted).entries()) {
    const value = wanted[position] ?? null;
    if (found === null) {
      const last = added.at(-1);
      if (last?.index === at) last.values.push(value);
      else added.push({ index: at, values: [value] });
      continue;
    }
    removed.delete(found);
    at = found + 1;
    const source = list.items[found];
    if (isAlias(source) && !isSame(held[found], value)) {
      const [start = 0, end = 0] = source.range ?? [];
      edits.push({ start, end, text: flowText(value) });
    } else edits.push(...reconcile(child(node, found), value, context));
  }
  if (isFlow(list)) return [...edits, ...changeFlow(context.text, list, removed, added)];
  return [
    ...edits,
    ...[...removed].map((index) => ({ ...itemLinesOf(context.text, list.items[index] ?? null), text: '' })),
    ...added.map(({ index, values }) => itemInsertion(node, list, { index, values }, context)),
  ];
}

function itemInsertion(
  node: ManifestNode,
  list: YAMLSeq<Node>,
  { index, values }: { readonly index: number; readonly values: readonly Json[] },
  { text, style }: TextContext,
): TextEdit {
  const first = list.items[0]?.range?.[0];
  const dash = first === undefined ? null : dashBefore(text, first);
  if (dash === null) throw new Refusal(node.offset, 'its items are not on lines of their own');
  const indent = dash - lineStart(text, dash);
  const before = list.items[index - 1];
  const at = before === undefined ? nextLine(text, keyEnd(text, node, dash)) : nextLine(text, endOfNode(before, dash));
  const lines = values.flatMap((value) => itemLines(value, style));
  return insertion(at, linesText(lines, indent, newlineOf(text)));
}

/** The line of the key of a list, so that comments above the first item stay with it. */
function keyEnd(text: string, node: ManifestNode, dash: number): number {
  return Math.min(node.offset, lineStart(text, dash));
}

function itemLinesOf(text: string, item: Node | null): { readonly start: number; readonly end: number } {
  const start = item?.range?.[0] ?? 0;
  const dash = dashBefore(text, start);
  if (dash === null) throw new Refusal(start, 'its items are not on lines of their own');
  return { start: lineStart(text, dash), end: nextLine(text, endOfNode(item, start)) };
}
