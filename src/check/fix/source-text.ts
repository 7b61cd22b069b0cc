import { type Document, isMap, isScalar, type Node, type Pair } from 'yaml';
import { child, type Path, rootOf } from '../manifest-node.ts';

/** Replaces the text from `start` to `end`. */
export type TextEdit = { readonly start: number; readonly end: number; readonly text: string };
export type MapPair = Pair<Node, Node | null>;

/** The node that the text has at this path; undefined where there is none, or where an alias or a merge key leads to it. */
export function documentNodeAt(document: Document.Parsed, path: Path): Node | undefined {
  const { value, shared } = path.reduce((node, key) => child(node, key), rootOf(document));
  return shared ? undefined : (value ?? undefined);
}

export function pairIn(map: Node | undefined, key: string | number | undefined): MapPair | null {
  if (!isMap<Node, Node | null>(map)) return null;
  return map.items.findLast(({ key: each }) => isScalar(each) && String(each.value) === String(key)) ?? null;
}

/** The end of the last value under a key, without the comments that follow it. */
export function endOf({ key, value }: MapPair): number {
  if (value?.range == null) return key.range?.[1] ?? 0;
  const items = (value as { items?: readonly unknown[]; flow?: boolean }).items;
  if (items === undefined || (value as { flow?: boolean }).flow === true) {
    const [start, end] = value.range;
    return start === end ? (key.range?.[1] ?? end) + 1 : end;
  }
  const last = items.at(-1);
  if (last === undefined) return value.range[1];
  if (isMap(value)) return endOf(last as MapPair);
  return endOf({ key: value, value: last } as unknown as MapPair);
}

export function lineEnd(text: string, at: number): number {
  if (text[at - 1] === '\n') return at;
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : text[end - 1] === '\r' ? end - 1 : end;
}

export function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}

export function newlineOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

/** Words that YAML 1.1 reads as a boolean or null. */
const YAML_1_1_WORDS = /^(y|n|yes|no|on|off|true|false|null)$/i;

/** Whether YAML 1.1 too reads it as a string without quotes. */
export function isPlain(value: string): boolean {
  return /^[a-z/]/i.test(value) && !YAML_1_1_WORDS.test(value) && !/: |:$| #|[,[\]{}\n]/.test(value);
}

/** A new value as it is written, on one line. */
export function scalarText(value: string | number): string {
  return typeof value === 'number' || isPlain(value) ? String(value) : JSON.stringify(value);
}
