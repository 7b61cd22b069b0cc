import { field, itemsOf, parse, rootOf, textOf } from './document.ts';

export function isKustomization(name: string): boolean {
  return /^kustomization\.ya?ml$/i.test(name);
}

/** The files that a kustomization.yaml lays over others: parts of manifests, which say nothing by themselves. */
export function patchesOf(text: string): readonly string[] {
  const root = rootOf(parse(text));
  const lists = ['patches', 'patchesStrategicMerge', 'patchesJson6902'];
  return lists
    .flatMap((list) => itemsOf(field(root, list)))
    .flatMap((item) => textOf(item) ?? textOf(field(item, 'path')) ?? [])
    .filter((path) => !path.includes('\n'));
}
