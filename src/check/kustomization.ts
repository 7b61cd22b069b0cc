import { field, itemsOf, parseManifest, rootOf, textOf } from './manifest-node.ts';

export function isKustomization(name: string): boolean {
  return /^kustomization\.ya?ml$/i.test(name);
}

/** The patch files that a kustomization.yaml names. Each is a part of a manifest, which cannot be checked alone. */
export function patchesOf(text: string): readonly string[] {
  const root = rootOf(parseManifest(text));
  const lists = ['patches', 'patchesStrategicMerge', 'patchesJson6902'];
  return lists
    .flatMap((list) => itemsOf(field(root, list)))
    .flatMap((item) => textOf(item) ?? textOf(field(item, 'path')) ?? [])
    .filter((path) => !path.includes('\n'));
}
