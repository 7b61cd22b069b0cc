import { type Alias, isAlias, isMap, isScalar, isSeq, type Node } from 'yaml';
import type { TextEdit } from '../../check/fix/source-text.ts';
import { child, field, type ManifestNode, rootOf, targetOf, textOf } from '../../check/manifest-node.ts';
import { dataOf } from '../data-of.ts';
import { type Json, type JsonPath, valueAt } from '../json.ts';
import { endOfNode, isFlow } from './lines.ts';
import { flowText } from './render.ts';

/** An alias that was replaced by what it stands for, with its place in the object. */
export type WrittenAlias = readonly [place: JsonPath, anchor: string];

type AliasNode = { readonly path: JsonPath; readonly alias: Alias };

const found = new WeakMap<ManifestNode['document'], readonly AliasNode[]>();

/** All aliases of a document, with their paths in it; the source of a merge key is at `<<`. They are looked for once. */
function aliasesIn(document: ManifestNode['document']): readonly AliasNode[] {
  const known = found.get(document);
  if (known !== undefined) return known;
  const walk = (node: unknown, path: JsonPath): readonly AliasNode[] => {
    if (isAlias(node)) return [{ path, alias: node }];
    if (isSeq<Node>(node)) return node.items.flatMap((item, index) => walk(item, [...path, index]));
    if (!isMap<Node, Node | null>(node)) return [];
    return node.items.flatMap(({ key, value }) => (isScalar(key) ? walk(value, [...path, String(key.value)]) : []));
  };
  const aliases = walk(document.contents, []);
  found.set(document, aliases);
  return aliases;
}

/** Writes out each alias whose anchor is changed by the edits, and which they leave where it is. */
export function writeOutAliases(
  text: string,
  { document }: ManifestNode,
  edits: readonly TextEdit[],
): readonly TextEdit[] {
  return aliasesIn(document).flatMap(({ alias }): readonly TextEdit[] => {
    const [start = 0, end = 0] = alias.range ?? [];
    const target = targetOf(document, alias);
    if (target === null || edits.some((edit) => edit.start <= start && edit.end >= end)) return [];
    const at = target.range?.[0] ?? 0;
    // Items in front of the first one come between it and its anchor.
    const from = text.lastIndexOf(`&${alias.source}`, at);
    const to = Math.max(endOfNode(target, at), target.range?.[2] ?? 0);
    if (!edits.some((edit) => edit.start <= to && edit.end >= from)) return [];
    const held = { ...rootOf(document), value: target };
    return [{ start, end, text: flowText(dataOf(held)) }];
  });
}

/** The aliases of an object that the edits replace by what they stand for. */
export function writtenOut(object: ManifestNode, edits: readonly TextEdit[]): readonly WrittenAlias[] {
  return aliasesIn(object.document)
    .filter(({ path }) => object.path.every((key, index) => path[index] === key))
    .filter(({ alias: { range } }) => edits.some(({ start, end }) => start === range?.[0] && end === range[1]))
    .map(({ path, alias }) => [path.slice(object.path.length), alias.source]);
}

/** The edits that write aliases again where they were, and what the text has there, in place of those inside. */
export function withAliases(
  object: ManifestNode,
  wanted: Json,
  aliases: readonly WrittenAlias[],
  edits: readonly TextEdit[],
): readonly TextEdit[] {
  const restored = aliases.flatMap(([place, anchor]): readonly TextEdit[] => {
    const { value } = nodeNow(object, wanted, place);
    // What others have written on lines of its own stays so.
    if (value?.range == null || isAlias(value) || !(isFlow(value) || isScalar(value))) return [];
    const [start, end] = value.range;
    return edits.some((edit) => edit.start <= start && edit.end >= end) ? [] : [{ start, end, text: `*${anchor}` }];
  });
  // What is inserted at the very end of a value is a neighbour of it.
  const isInside = (edit: TextEdit): boolean =>
    restored.some(
      ({ start, end }) =>
        edit.start >= start && edit.end <= end && (edit.start < edit.end || (edit.start > start && edit.end < end)),
    );
  return [...edits.filter((edit) => !isInside(edit)), ...restored];
}

/** The node at a place of the wanted object: in lists, the one with the same name. */
function nodeNow(object: ManifestNode, wanted: Json, place: JsonPath): ManifestNode {
  return place.reduce<ManifestNode>((node, key, depth) => {
    const name = valueAt(wanted, [...place.slice(0, depth + 1), 'name']);
    if (typeof key === 'string' || !isSeq(node.value) || typeof name !== 'string') return child(node, key);
    const index = node.value.items.findIndex((_, each) => textOf(field(node, each, 'name')) === name);
    return child(node, index < 0 ? key : index);
  }, object);
}
