import { isMap, isScalar, isSeq } from 'yaml';
import { child, type ManifestNode } from '../check/manifest-node.ts';
import type { Json } from './json.ts';
import { Refusal } from './refusal.ts';

/** Far more than an object has; an alias counts as many nodes as its anchor. */
const MAX_NODES = 200_000;
/** Chained merge keys. */
const MAX_MERGES = 10;

/** The value of a node, with aliases and merge keys followed, as kubectl reads it. Throws a Refusal where that would not end. */
export function dataOf(node: ManifestNode): Json {
  let nodes = 0;
  const read = (each: ManifestNode): Json => {
    nodes += 1;
    if (nodes > MAX_NODES) throw new Refusal(node.offset, 'its aliases have too much in them');
    const { value } = each;
    if (isSeq(value)) return value.items.map((_, index) => read(child(each, index)));
    if (isMap(value))
      return Object.fromEntries([...allKeys(each)].map((key) => [key, read(child(each, key))] as const));
    if (!isScalar(value)) return null;
    const scalar: unknown = value.value;
    if (scalar === null || typeof scalar === 'number' || typeof scalar === 'boolean' || typeof scalar === 'string')
      return scalar;
    return String(scalar);
  };
  return read(node);
}

/** The keys of a map and of what it merges. */
function allKeys(node: ManifestNode, merges = 0): ReadonlySet<string> {
  const keys = new Set<string>();
  const { value } = node;
  if (!isMap(value) || merges > MAX_MERGES) return keys;
  for (const { key } of value.items) {
    if (!isScalar(key)) throw new Refusal(node.offset, 'it has a key that is no word');
    if (key.value !== '<<') keys.add(String(key.value));
  }
  const merged = child(node, '<<');
  const sources = isSeq(merged.value) ? merged.value.items.map((_, index) => child(merged, index)) : [merged];
  for (const source of sources) for (const key of allKeys(source, merges + 1)) keys.add(key);
  return keys;
}
