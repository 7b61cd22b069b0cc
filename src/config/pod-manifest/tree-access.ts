import type { MapEntry, YamlTree } from '../file/yaml.ts';

/** The entry under a key; undefined where there is none, or its value is null. */
export function entryAt(tree: YamlTree, key: string): MapEntry | undefined {
  const entry = tree.kind === 'map' ? tree.entries.find((each) => each.key === key) : undefined;
  return entry?.value.kind === 'scalar' && entry.value.value === null ? undefined : entry;
}

/** The node under these keys, one inside the other. */
export function nodeAt(tree: YamlTree, keys: readonly string[]): YamlTree | null {
  let node: YamlTree | undefined = tree;
  for (const key of keys) node = node === undefined ? undefined : entryAt(node, key)?.value;
  return node ?? null;
}

export function itemsAt(tree: YamlTree, key: string): readonly YamlTree[] {
  const list = entryAt(tree, key)?.value;
  return list?.kind === 'list' ? list.items : [];
}

/** The scalars of a list as texts; other items are left out, because another reader reports them. */
export function textsAt(tree: YamlTree, key: string): readonly string[] {
  return itemsAt(tree, key).flatMap((item) => textAt(item, []) ?? []);
}

export function textAt(tree: YamlTree, keys: readonly string[]): string | null {
  const node = nodeAt(tree, keys);
  return node?.kind === 'scalar' && node.value !== null ? String(node.value) : null;
}
