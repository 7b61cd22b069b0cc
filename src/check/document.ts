import { type Document, isAlias, isMap, isScalar, isSeq, type Node, parseDocument, visit } from 'yaml';

export type Path = readonly (string | number)[];

/** A place in a document, and what stands there; `node` is null where nothing does. */
export type Spot = {
  readonly document: Document.Parsed;
  readonly path: Path;
  readonly node: Node | null;
  /** Characters from the start of the document: the key; of what is missing, the nearest thing around it. */
  readonly offset: number;
  /** Reached through an alias or a merge, or inside of what an alias repeats: other places say the same words, so they are not changed. */
  readonly shared: boolean;
};

export function parse(text: string): Document.Parsed {
  // Places are wanted, not excerpts: those would show what may be secret.
  return parseDocument(text, { prettyErrors: false, uniqueKeys: false, keepSourceTokens: false, logLevel: 'silent' });
}

export function rootOf(document: Document.Parsed): Spot {
  const node = document.contents;
  return resolved({ document, path: [], node, offset: node?.range?.[0] ?? 0, shared: false });
}

/** What stands under these keys; merged maps (`<<`) count, as they do for kubectl. */
export function field(spot: Spot, ...keys: readonly (string | number)[]): Spot {
  return keys.reduce<Spot>((at, key) => step(at, key), spot);
}

export function step(spot: Spot, key: string | number): Spot {
  const missing: Spot = { ...spot, path: [...spot.path, key], node: null };
  const { node, document } = spot;
  if (isSeq<Node>(node) && typeof key === 'number') {
    const item = node.items[key];
    return item === undefined ? missing : resolved({ ...missing, node: item, offset: item.range?.[0] ?? spot.offset });
  }
  if (!isMap<Node, Node | null>(node)) return missing;
  // The last one counts where a key is there twice.
  const pair = node.items.findLast(({ key: each }) => isScalar(each) && String(each.value) === String(key));
  if (pair !== undefined) return resolved({ ...missing, node: pair.value, offset: pair.key.range?.[0] ?? spot.offset });
  const merged = node.items.find(({ key: each }) => isScalar(each) && each.value === '<<')?.value ?? null;
  if (merged === null || spot.path.length > MAX_DEPTH) return missing;
  const sources = isSeq<Node>(merged) ? merged.items : [merged];
  for (const source of sources) {
    const inside = resolved({ document, path: spot.path, node: source, offset: spot.offset, shared: true });
    const found = isMap(inside.node) && inside.node !== node ? step(inside, key) : missing;
    if (found.node !== null) return { ...found, shared: true };
  }
  return missing;
}

/** Anchors may be chained; more than this many links are a circle. */
const MAX_DEPTH = 40;

function resolved(spot: Spot): Spot {
  const { node, document } = spot;
  if (node === null) return spot;
  // A manifest is only walked along its own fields, so a bomb of aliases is never unfolded.
  if (isAlias(node)) return { ...spot, node: (node.resolve(document) as Node | undefined) ?? null, shared: true };
  const { anchor } = node as { anchor?: string };
  return anchor !== undefined && repeatedIn(document).has(anchor) ? { ...spot, shared: true } : spot;
}

const repeated = new WeakMap<Document.Parsed, ReadonlySet<string>>();

/** The anchors that an alias names. */
function repeatedIn(document: Document.Parsed): ReadonlySet<string> {
  const known = repeated.get(document);
  if (known !== undefined) return known;
  const found = new Set<string>();
  visit(document, { Alias: (_, { source }) => void found.add(source) });
  repeated.set(document, found);
  return found;
}

export function itemsOf(spot: Spot): readonly Spot[] {
  return isSeq(spot.node) ? spot.node.items.map((_, index) => step(spot, index)) : [];
}

export function keysOf({ node }: Spot): readonly string[] {
  return isMap(node) ? node.items.flatMap(({ key }) => (isScalar(key) ? [String(key.value)] : [])) : [];
}

export function isThere({ node }: Spot): boolean {
  return node !== null && !(isScalar(node) && node.value === null);
}

export function scalarOf({ node }: Spot): unknown {
  return isScalar(node) ? node.value : undefined;
}

export function textOf(spot: Spot): string | null {
  const value = scalarOf(spot);
  return typeof value === 'string' ? value : null;
}

export function numberOf(spot: Spot): number | null {
  const value = scalarOf(spot);
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** The words of a list; null where one is none, or there is no list. */
export function wordsOf(spot: Spot): readonly string[] | null {
  if (!isSeq(spot.node)) return null;
  const words = itemsOf(spot).map((item) => {
    const value = scalarOf(item);
    return value === undefined || value === null ? null : String(value);
  });
  return words.every((word) => word !== null) ? words : null;
}

export { isMap };
