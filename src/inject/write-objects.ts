import type { TextEdit } from '../check/fix/source-text.ts';
import { field, type ManifestNode } from '../check/manifest-node.ts';
import { dataOf } from './data-of.ts';
import type { Json, JsonPath } from './json.ts';
import { Refusal } from './refusal.ts';
import { type WrittenAlias, withAliases, writeOutAliases, writtenOut } from './text/aliases.ts';
import { hasObjects, withEdits } from './text/apply.ts';
import { reconcile, type TextContext } from './text/reconcile.ts';
import type { Style } from './text/render.ts';
import type { Verbatim } from './text/verbatim.ts';

/** What becomes of an object. */
export type ObjectChange = {
  /** null: it stays as it is. */
  readonly wanted: Json | null;
  readonly podPath: JsonPath;
  /** Fields that are written as they were, by their paths in the document. */
  readonly verbatim: ReadonlyMap<string, Verbatim>;
  /** Fields that are exchanged as a whole. */
  readonly whole: ReadonlySet<string>;
  /** Aliases that are put back. */
  readonly aliases: readonly WrittenAlias[];
  /** The object with aliases that were written out in its record. */
  readonly recordAliases: (wanted: Json, aliases: readonly WrittenAlias[]) => Json;
};

/** How a text is tried to be changed, from the smallest change on. */
type Attempt = {
  readonly useVerbatim: boolean;
  /** Changes what has an anchor too, and writes out its aliases elsewhere. */
  readonly intoAnchors: boolean;
  readonly restoreAliases: boolean;
};

const ATTEMPTS: readonly Attempt[] = [
  { useVerbatim: true, intoAnchors: false, restoreAliases: true },
  { useVerbatim: true, intoAnchors: false, restoreAliases: false },
  { useVerbatim: true, intoAnchors: true, restoreAliases: false },
  { useVerbatim: false, intoAnchors: false, restoreAliases: false },
  { useVerbatim: false, intoAnchors: true, restoreAliases: false },
];

/** The text with its objects changed, and nothing else. Throws a Refusal where that cannot be. */
export function writeObjects(text: string, objects: readonly ManifestNode[], changes: readonly ObjectChange[]): string {
  const wanted = objects.map((object, index) => changes[index]?.wanted ?? dataOf(object));
  let first: Refusal | null = null;
  for (const attempt of ATTEMPTS) {
    try {
      const edits = editsFor(text, objects, { changes, wanted, attempt });
      // The record is in the text that is written, so what it says of the aliases is known only afterwards.
      const recorded = wanted.map((value, index) =>
        recordedIn(value, objects[index], { change: changes[index], edits }),
      );
      const isKnown = recorded.every((value, index) => value === wanted[index]);
      const changed = withEdits(
        text,
        isKnown ? edits : editsFor(text, objects, { changes, wanted: recorded, attempt }),
      );
      if (hasObjects(changed, recorded)) return changed;
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      first ??= refusal;
    }
  }
  throw first ?? new Refusal(objects[0]?.offset ?? 0, CANNOT);
}

const CANNOT =
  'cannot be changed without changing something else: write it plainly, without anchors and tags, as kubectl create --dry-run=client -o yaml prints it';

type Plan = {
  readonly changes: readonly ObjectChange[];
  readonly wanted: readonly Json[];
  readonly attempt: Attempt;
};

function editsFor(
  text: string,
  objects: readonly ManifestNode[],
  { changes, wanted, attempt }: Plan,
): readonly TextEdit[] {
  const edits = objects.flatMap((object, index): readonly TextEdit[] => {
    const [change, value] = [changes[index], wanted[index]];
    if (change === undefined || change.wanted === null || value === undefined) return [];
    const context: TextContext = {
      text,
      style: styleOf(text, object, change.podPath),
      verbatim: (path) => (attempt.useVerbatim ? change.verbatim.get(keyOf(path)) : undefined),
      isWhole: (path) => change.whole.has(keyOf(path)),
      intoAnchors: attempt.intoAnchors,
    };
    const own = reconcile(object, value, context);
    return attempt.restoreAliases ? withAliases(object, value, change.aliases, own) : own;
  });
  const [some] = objects;
  return attempt.intoAnchors && some !== undefined ? [...edits, ...writeOutAliases(text, some, edits)] : edits;
}

function recordedIn(
  wanted: Json,
  object: ManifestNode | undefined,
  { change, edits }: { readonly change: ObjectChange | undefined; readonly edits: readonly TextEdit[] },
): Json {
  if (object === undefined || change === undefined || change.wanted === null) return wanted;
  const aliases = writtenOut(object, edits);
  return aliases.length === 0 ? wanted : change.recordAliases(wanted, aliases);
}

/** How the lists and maps of a pod are indented. */
function styleOf(text: string, object: ManifestNode, podPath: JsonPath): Style {
  const comments = { image: 'image volumes: stable since Kubernetes 1.36' };
  const pod = field(object, ...podPath);
  const columnOf = (offset: number): number => offset - (text.lastIndexOf('\n', offset - 1) + 1);
  const containers = field(pod, 'containers');
  const first = field(containers, 0);
  const dash =
    first.value === null ? null : columnOf(text.lastIndexOf('-', first.offset)) - columnOf(containers.offset);
  const step = columnOf(containers.offset) - columnOf(pod.offset);
  const isStep = (size: number | null): size is number => size !== null && size >= 0 && size <= 8;
  return { step: isStep(step) && step > 0 ? step : 2, dash: isStep(dash) ? dash : 2, comments };
}

/** A path as the key of a map. */
export function keyOf(path: JsonPath): string {
  return JSON.stringify(path);
}
