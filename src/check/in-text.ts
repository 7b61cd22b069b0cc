import { type Document, isMap, isScalar, type Node, type Pair } from 'yaml';
import { rootOf, step } from './document.ts';
import type { Path } from './finding.ts';

/** What stands from `start` to `end` of a text becomes `word`. */
export type Splice = { readonly start: number; readonly end: number; readonly word: string };
export type Entry = Pair<Node, Node | null>;

/** What stands there by itself; undefined: nothing. Neither aliases nor merges are followed. */
export function nodeAt(document: Document.Parsed, path: Path): Node | undefined {
  const { node, shared } = path.reduce((spot, key) => step(spot, key), rootOf(document));
  return shared ? undefined : (node ?? undefined);
}

export function entryIn(map: Node | undefined, key: string | number | undefined): Entry | null {
  if (!isMap<Node, Node | null>(map)) return null;
  return map.items.findLast(({ key: each }) => isScalar(each) && String(each.value) === String(key)) ?? null;
}

/** Where the last word under a key ends; comments that follow are not of it. */
export function endOf({ key, value }: Entry): number {
  if (value?.range == null) return key.range?.[1] ?? 0;
  const items = (value as { items?: readonly unknown[]; flow?: boolean }).items;
  if (items === undefined || (value as { flow?: boolean }).flow === true) {
    const [start, end] = value.range;
    return start === end ? (key.range?.[1] ?? end) + 1 : end;
  }
  const last = items.at(-1);
  if (last === undefined) return value.range[1];
  if (isMap(value)) return endOf(last as Entry);
  return endOf({ key: value, value: last } as unknown as Entry);
}

export function lineEnd(text: string, at: number): number {
  if (text[at - 1] === '\n') return at;
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : text[end - 1] === '\r' ? end - 1 : end;
}

export function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}

const TRUTH = /^(y|n|yes|no|on|off|true|false|null)$/i;

/** Words that YAML 1.1 too takes for text without quotation marks. */
export function isPlain(value: string): boolean {
  return /^[a-z/]/i.test(value) && !TRUTH.test(value) && !/: |:$| #|[,[\]{}\n]/.test(value);
}

/** A value that is written anew, in one line. */
export function wordOf(value: string | number): string {
  return typeof value === 'number' || isPlain(value) ? String(value) : JSON.stringify(value);
}
