import { type Document, isScalar } from 'yaml';
import { type Path, parseManifest } from '../manifest-node.ts';
import type { Edit } from './edit.ts';
import { documentNodeAt, type TextEdit } from './source-text.ts';
import { textEditFor } from './text-edit.ts';

/** The text after the edits, and for each list of edits whether it was applied. */
export type EditedText = { readonly text: string; readonly applied: readonly boolean[] };

/**
 * Applies lists of edits to a document, each list as a whole or not at all. Only the edited characters change; what cannot be
 * done so is not applied, and left to the user.
 */
export function applyEdits(
  text: string,
  document: Document.Parsed,
  editLists: readonly (readonly Edit[])[],
): EditedText {
  try {
    return apply(text, document, editLists);
  } catch {
    // A fault with one document must not keep the others from being checked and corrected.
    return { text, applied: editLists.map(() => false) };
  }
}

/** One edit, with the index of the list that it belongs to. */
type PendingEdit = { readonly list: number; readonly edit: Edit };

function apply(text: string, document: Document.Parsed, editLists: readonly (readonly Edit[])[]): EditedText {
  const rejected = new Set<number>(editLists.flatMap((edits, list) => (edits.length === 0 ? [list] : [])));
  const byPath = new Map<string, PendingEdit>();
  const duplicates: (readonly [list: number, of: number])[] = [];
  let left: readonly PendingEdit[] = editLists.flatMap((edits, list) => edits.map((edit) => ({ list, edit })));
  // Two findings may have the same edit, which is applied once. Of different edits of one path the first is applied; the other
  // finding comes again when the document is checked again.
  left = left.filter((pending) => {
    const key = `${pending.edit.kind} ${pathKey(pending.edit.path)}`;
    const first = byPath.get(key);
    if (first === undefined) byPath.set(key, pending);
    else if (JSON.stringify(first.edit) === JSON.stringify(pending.edit)) duplicates.push([pending.list, first.list]);
    else rejected.add(pending.list);
    return first === undefined;
  });
  const without = (lists: ReadonlySet<number>): EditedText =>
    apply(
      text,
      document,
      editLists.map((edits, list) => (lists.has(list) ? [] : edits)),
    );
  const json = isJson(text);
  const started = new Set<number>();
  let [currentText, currentDocument] = [text, document];
  while (left.length > 0) {
    const [round, later] = independentEdits(
      currentDocument,
      left.filter(({ list }) => !rejected.has(list)),
    );
    left = later;
    const candidates = round.map((pending) => ({
      ...pending,
      textEdit: textEditFor(currentText, currentDocument, pending.edit),
    }));
    for (const { list, textEdit } of candidates) if (textEdit === null) rejected.add(list);
    // Half of a list may be worse than nothing of it, so everything starts again without that list.
    if (started.intersection(rejected).size > 0) return without(rejected);
    const textEdits = candidates.flatMap(({ list, textEdit }) =>
      textEdit === null || rejected.has(list) ? [] : [textEdit],
    );
    for (const { list } of round) if (!rejected.has(list)) started.add(list);
    const nextText = withTextEdits(currentText, textEdits);
    const nextDocument = textEdits.length === 0 ? currentDocument : parseManifest(nextText);
    if (nextDocument.errors.length > 0 || (json && !isJson(nextText)))
      return { text, applied: editLists.map(() => false) };
    const wrong = round.filter((pending) => !rejected.has(pending.list) && !isIn(nextDocument, pending));
    if (wrong.length > 0) {
      for (const { list } of wrong) rejected.add(list);
      return without(rejected);
    }
    [currentText, currentDocument] = [nextText, nextDocument];
  }
  for (const [list, of] of duplicates) if (rejected.has(of)) rejected.add(list);
  return { text: currentText, applied: editLists.map((_, list) => !rejected.has(list)) };
}

/** The edits that can be applied at once, because none changes a node inside of what another changes; and the rest. */
function independentEdits(
  document: Document.Parsed,
  edits: readonly PendingEdit[],
): readonly [now: readonly PendingEdit[], later: readonly PendingEdit[]] {
  const [changed, parents] = [new Set<string>(), new Set<string>()];
  const { now = [], later = [] } = Object.groupBy(edits, ({ edit: { path } }) => {
    // The maps around a missing field may be missing too: then the nearest one that exists is changed.
    const depth = path.findLastIndex((_, index) => documentNodeAt(document, path.slice(0, index)) !== undefined);
    const keys = Array.from({ length: depth + 1 }, (_, index) => pathKey(path.slice(0, index)));
    const target = keys.at(-1) ?? pathKey([]);
    const overlaps = parents.has(target) || keys.some((key) => changed.has(key));
    changed.add(target);
    for (const key of keys) parents.add(key);
    return overlaps ? 'later' : 'now';
  });
  return [now, later];
}

/** Whether the document has the new value as it was meant: an edit that a scalar's style has changed would break the pod. */
function isIn(document: Document.Parsed, { edit }: PendingEdit): boolean {
  if (edit.kind !== 'set' || typeof edit.value === 'object') return true;
  const node = documentNodeAt(document, edit.path);
  return isScalar(node) && node.value === edit.value;
}

function pathKey(path: Path): string {
  return JSON.stringify(path);
}

function withTextEdits(text: string, edits: readonly TextEdit[]): string {
  return edits
    .toSorted((a, b) => b.start - a.start)
    .reduce((whole, { start, end, text: added }) => whole.slice(0, start) + added + whole.slice(end), text);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
