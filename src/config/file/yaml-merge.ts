import type { MapEntry, YamlTree } from './yaml.ts';

/** The merge key of YAML 1.1 (yaml.org/type/merge.html): YAML 1.2 dropped it, but kubectl and Helm read it. */
export const MERGE_KEY = '<<';

/**
 * A map's own entries, and those of the merged maps under keys that the map does not have. An earlier merged map wins over a
 * later one. Duplicate keys of the map itself are kept, so that the caller can report them.
 */
export function mergeEntries(own: readonly MapEntry[], merged: readonly YamlTree[]): readonly MapEntry[] {
  const keys = new Set(own.map(({ key }) => key));
  const entries = [...own];
  for (const tree of merged) {
    if (tree.kind !== 'map') continue;
    const added = tree.entries.filter(({ key }) => !keys.has(key));
    entries.push(...added);
    for (const { key } of added) keys.add(key);
  }
  return entries;
}
