import type { ManifestNode, Path } from '../manifest-node.ts';

/** A change of a document: the value at `path` is set or removed, or its key is renamed. */
export type Edit =
  | { readonly kind: 'set'; readonly path: Path; readonly value: EditValue }
  | { readonly kind: 'remove'; readonly path: Path }
  | { readonly kind: 'rename'; readonly path: Path; readonly key: string };
export type EditValue = string | number | { readonly [key: string]: EditValue };

// A shared node has no edits, because an edit would change the other places that share it.

export function set(node: ManifestNode, value: EditValue): readonly Edit[] {
  return node.shared ? [] : [{ kind: 'set', path: node.path, value }];
}

export function remove(node: ManifestNode): readonly Edit[] {
  return node.shared ? [] : [{ kind: 'remove', path: node.path }];
}

/** Renames the key of the node. */
export function rename(node: ManifestNode, key: string): readonly Edit[] {
  return node.shared ? [] : [{ kind: 'rename', path: node.path, key }];
}
