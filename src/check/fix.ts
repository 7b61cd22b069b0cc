import type { Document } from 'yaml';
import { parse } from './document.ts';
import type { Edit, Path } from './finding.ts';
import { nodeAt, type Splice } from './in-text.ts';
import { spliceFor } from './splice.ts';

/** A text with what could be done, and which of the wishes that were; in the order in which they came. */
export type Fixed = { readonly text: string; readonly done: readonly boolean[] };

/**
 * The document with these edits, each list of them done whole or not at all. They are exchanged where they stand, so everything
 * else stays as it was written; what cannot be done so is left to a person.
 */
export function fixed(text: string, document: Document.Parsed, wishes: readonly (readonly Edit[])[]): Fixed {
  const none: Fixed = { text, done: wishes.map(() => false) };
  try {
    return worked(text, document, wishes);
  } catch {
    // One odd document must not keep the others from being reported and corrected.
    return none;
  }
}

type Task = { readonly wish: number; readonly edit: Edit };

function worked(text: string, document: Document.Parsed, wishes: readonly (readonly Edit[])[]): Fixed {
  const refused = new Set<number>(wishes.flatMap((edits, wish) => (edits.length === 0 ? [wish] : [])));
  const wanted = new Map<string, Task>();
  const alike: (readonly [wish: number, as: number])[] = [];
  let left: readonly Task[] = wishes.flatMap((edits, wish) => edits.map((edit) => ({ wish, edit })));
  // Two findings may want the same; where they want different things of one place the first has it, until it is looked at again.
  left = left.filter((task) => {
    const place = `${task.edit.kind} ${nameOf(task.edit.path)}`;
    const held = wanted.get(place);
    if (held === undefined) wanted.set(place, task);
    else if (JSON.stringify(held.edit) === JSON.stringify(task.edit)) alike.push([task.wish, held.wish]);
    else refused.add(task.wish);
    return held === undefined;
  });
  const json = isJson(text);
  const begun = new Set<number>();
  let [now, read] = [text, document];
  while (left.length > 0) {
    const [round, later] = apart(
      read,
      left.filter(({ wish }) => !refused.has(wish)),
    );
    left = later;
    const exchanges = round.map((task) => ({ ...task, splice: spliceFor(now, read, task.edit) }));
    for (const { wish, splice } of exchanges) if (splice === null) refused.add(wish);
    // Half of a wish may be worse than nothing of it: begun again without it.
    if (begun.intersection(refused).size > 0)
      return worked(
        text,
        document,
        wishes.map((edits, wish) => (refused.has(wish) ? [] : edits)),
      );
    const splices = exchanges.flatMap(({ wish, splice }) => (splice === null || refused.has(wish) ? [] : [splice]));
    for (const { wish } of round) if (!refused.has(wish)) begun.add(wish);
    const next = spliced(now, splices);
    const after = splices.length === 0 ? read : parse(next);
    if (after.errors.length > 0 || (json && !isJson(next))) return { text, done: wishes.map(() => false) };
    [now, read] = [next, after];
  }
  for (const [wish, as] of alike) if (refused.has(as)) refused.add(wish);
  return { text: now, done: wishes.map((_, wish) => !refused.has(wish)) };
}

/** Those that can be done at once, for none is inside of what another changes, and the rest. */
function apart(
  document: Document.Parsed,
  tasks: readonly Task[],
): readonly [now: readonly Task[], later: readonly Task[]] {
  const [sites, around] = [new Set<string>(), new Set<string>()];
  const { now = [], later = [] } = Object.groupBy(tasks, ({ edit: { path } }) => {
    // What is to hold it may not be there either: it is what is that changes.
    const depth = path.findLastIndex((_, index) => nodeAt(document, path.slice(0, index)) !== undefined);
    const names = Array.from({ length: depth + 1 }, (_, index) => nameOf(path.slice(0, index)));
    const site = names.at(-1) ?? nameOf([]);
    const touches = around.has(site) || names.some((name) => sites.has(name));
    sites.add(site);
    for (const name of names) around.add(name);
    return touches ? 'later' : 'now';
  });
  return [now, later];
}

function nameOf(path: Path): string {
  return JSON.stringify(path);
}

function spliced(text: string, splices: readonly Splice[]): string {
  return splices
    .toSorted((a, b) => b.start - a.start)
    .reduce((whole, { start, end, word }) => whole.slice(0, start) + word + whole.slice(end), text);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
