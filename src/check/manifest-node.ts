import { type Alias, type Document, isAlias, isMap, isScalar, isSeq, type Node, visit } from 'yaml';
import { parseAsKubectl } from './kubectl-yaml.ts';

export type Path = readonly (string | number)[];

/** A path in a document with the value there; `value` is null where the document has nothing at this path. */
export type ManifestNode = {
  readonly document: Document.Parsed;
  readonly path: Path;
  readonly value: Node | null;
  /** The offset of its key in the document, in characters; for a missing node, that of the nearest node around it. */
  readonly offset: number;
  /** The value is reached through an alias or a merge key, or is inside an anchor that has an alias: an edit would change several places. */
  readonly shared: boolean;
};

export function parseManifest(text: string): Document.Parsed {
  return parseAsKubectl(text);
}

/** The same; null: it is nested too deeply for the stack. */
export function parseOrNull(text: string): Document.Parsed | null {
  try {
    const document = parseManifest(text);
    return document.errors.some(({ message }) => message.startsWith('Maximum call stack')) ? null : document;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

export function rootOf(document: Document.Parsed): ManifestNode {
  const value = document.contents;
  return resolveAlias({ document, path: [], value, offset: value?.range?.[0] ?? 0, shared: false });
}

/** The node under these keys, one inside the other. Merge keys (`<<`) are followed, as kubectl does. */
export function field(node: ManifestNode, ...keys: readonly (string | number)[]): ManifestNode {
  return keys.reduce<ManifestNode>((parent, key) => child(parent, key), node);
}

export function child(node: ManifestNode, key: string | number): ManifestNode {
  const missing: ManifestNode = { ...node, path: [...node.path, key], value: null };
  const { value } = node;
  if (isSeq<Node>(value) && typeof key === 'number') {
    const item = value.items[key];
    if (item === undefined) return missing;
    return resolveAlias({ ...missing, value: item, offset: item.range?.[0] ?? node.offset });
  }
  if (!isMap<Node, Node | null>(value)) return missing;
  // Of duplicate keys the last one counts.
  const pair = value.items.findLast(({ key: each }) => isScalar(each) && String(each.value) === String(key));
  if (pair !== undefined)
    return resolveAlias({ ...missing, value: pair.value, offset: pair.key.range?.[0] ?? node.offset });
  return mergedChild(node, key);
}

/** The node that merge keys alone would put under this key. */
export function mergedChild(node: ManifestNode, key: string | number): ManifestNode {
  const missing: ManifestNode = { ...node, path: [...node.path, key], value: null };
  const { value, document } = node;
  if (!isMap<Node, Node | null>(value)) return missing;
  const merged = value.items.find(({ key: each }) => isScalar(each) && each.value === '<<')?.value ?? null;
  if (merged === null || node.path.length > MAX_DEPTH) return missing;
  const sources = isSeq<Node>(merged) ? merged.items : [merged];
  for (const source of sources) {
    const target = resolveAlias({ document, path: node.path, value: source, offset: node.offset, shared: true });
    const found = isMap(target.value) && target.value !== value ? child(target, key) : missing;
    if (found.value !== null) return { ...found, shared: true };
  }
  return missing;
}

/** Merge keys may be chained; a longer chain is a loop. */
const MAX_DEPTH = 40;

function resolveAlias(node: ManifestNode): ManifestNode {
  const { value, document } = node;
  if (value === null) return node;
  // Only the fields that rules read are resolved, so aliases that multiply are never expanded.
  if (isAlias(value)) return { ...node, value: targetOf(document, value), shared: true };
  const { anchor } = value as { anchor?: string };
  return anchor !== undefined && sharedIn(document).anchors.has(anchor) ? { ...node, shared: true } : node;
}

/** What an alias stands for; null where no anchor before it has its name. */
export function targetOf(document: Document.Parsed, alias: Alias): Node | null {
  return sharedIn(document).targets.get(alias) ?? null;
}

type Shared = {
  /** The anchors that have an alias. */
  readonly anchors: ReadonlySet<string>;
  readonly targets: ReadonlyMap<Alias, Node>;
};

const sharedByDocument = new WeakMap<Document.Parsed, Shared>();

/** Looked for once, because the parser would go through the document for each alias. */
function sharedIn(document: Document.Parsed): Shared {
  const known = sharedByDocument.get(document);
  if (known !== undefined) return known;
  const latest = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  visit(document, {
    Node(_, node) {
      const { anchor } = node as { readonly anchor?: string };
      if (anchor !== undefined) latest.set(anchor, node as Node);
      const target = isAlias(node) ? latest.get(node.source) : undefined;
      if (isAlias(node) && target !== undefined) targets.set(node, target);
    },
  });
  const shared = { targets, anchors: new Set([...targets.keys()].map(({ source }) => source)) };
  sharedByDocument.set(document, shared);
  return shared;
}

export function itemsOf(node: ManifestNode): readonly ManifestNode[] {
  return isSeq(node.value) ? node.value.items.map((_, index) => child(node, index)) : [];
}

export function keysOf({ value }: ManifestNode): readonly string[] {
  return isMap(value) ? value.items.flatMap(({ key }) => (isScalar(key) ? [String(key.value)] : [])) : [];
}

/** Whether there is a value other than null. */
export function isSet({ value }: ManifestNode): boolean {
  return value !== null && !(isScalar(value) && value.value === null);
}

export function scalarOf({ value }: ManifestNode): unknown {
  return isScalar(value) ? value.value : undefined;
}

export function textOf(node: ManifestNode): string | null {
  const value = scalarOf(node);
  return typeof value === 'string' ? value : null;
}

export function numberOf(node: ManifestNode): number | null {
  const value = scalarOf(node);
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** The scalars of a list as strings; null for a value that is not a list, or has other items. */
export function wordsOf(node: ManifestNode): readonly string[] | null {
  if (!isSeq(node.value)) return null;
  const words = itemsOf(node).map((item) => {
    const value = scalarOf(item);
    return value === undefined || value === null ? null : String(value);
  });
  return words.every((word) => word !== null) ? words : null;
}

export { isMap, isSeq };
