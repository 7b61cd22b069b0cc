import type { Entry, Tree } from './yaml.ts';

/** What YAML 1.1 calls a merge key (yaml.org/type/merge.html): kubectl and Helm read it, though YAML 1.2 has dropped it. */
export const MERGE = '<<';

/**
 * A map's own entries, and of the maps that it takes in what it does not have itself; of those an earlier one goes before a later.
 * Own keys that are there twice stay so: that is a mistake to be told.
 */
export function merged(own: readonly Entry[], taken: readonly Tree[]): readonly Entry[] {
  const keys = new Set(own.map(({ key }) => key));
  const entries = [...own];
  for (const tree of taken) {
    if (tree.kind !== 'map') continue;
    const added = tree.entries.filter(({ key }) => !keys.has(key));
    entries.push(...added);
    for (const { key } of added) keys.add(key);
  }
  return entries;
}
