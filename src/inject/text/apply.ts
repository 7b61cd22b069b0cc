import { newlineOf, type TextEdit } from '../../check/fix/source-text.ts';
import { field, itemsOf, type ManifestNode, parseManifest, rootOf, textOf } from '../../check/manifest-node.ts';
import { dataOf } from '../data-of.ts';
import { isSame, type Json } from '../json.ts';
import { Refusal } from '../refusal.ts';

/** A text with a newline at its end, and how to take that away again. */
export function withFinalNewline(text: string): { readonly text: string; readonly restore: (text: string) => string } {
  if (text === '' || text.endsWith('\n')) return { text, restore: (changed) => changed };
  const newline = newlineOf(text);
  return {
    text: text + newline,
    restore: (changed) => (changed.endsWith(newline) ? changed.slice(0, -newline.length) : changed),
  };
}

/** Makes all edits at once; of several at one place those that insert come first, in their order. */
export function withEdits(text: string, edits: readonly TextEdit[]): string {
  const sorted = edits.toSorted((a, b) => a.start - b.start || Number(a.end > a.start) - Number(b.end > b.start));
  const parts: string[] = [];
  let done = 0;
  for (const { start, end, text: added } of sorted) {
    if (start < done) throw new Refusal(start, 'its changes would overlap');
    parts.push(text.slice(done, start), added);
    done = end;
  }
  return [...parts, text.slice(done)].join('');
}

/** A List inside a List inside a List is a mistake; without a limit it could be an attack. */
const MAX_LISTS = 3;

/** The objects of a document: itself, or the items of a List or a ResourceList. */
export function objectsIn(node: ManifestNode, depth = 0): readonly ManifestNode[] {
  const kind = textOf(field(node, 'kind'));
  const items = field(node, 'items');
  if (kind?.endsWith('List') !== true || items.value === null) return [node];
  return depth < MAX_LISTS ? itemsOf(items).flatMap((item) => objectsIn(item, depth + 1)) : [];
}

/** Whether a text has exactly these objects. */
export function hasObjects(text: string, wanted: readonly Json[]): boolean {
  const document = parseManifest(text);
  if (document.errors.length > 0) return false;
  const objects = objectsIn(rootOf(document));
  return objects.length === wanted.length && objects.every((object, index) => isSame(dataOf(object), wanted[index]));
}
