import { readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** A build takes seconds; what is older was left by one that was killed. */
const ABANDONED_AFTER = 3_600_000;

/**
 * Makes the folder `made` be `place`; `made` may still be there afterwards. Where both hold the same, `place` stays, because a program that was started from it reads
 * the rest of it later. Else it takes two renames, because Node cannot exchange two folders in one step; nothing happens in this
 * process between them. Another build may come in between: then the later one stays.
 */
export function putInPlace(made: string, place: string): void {
  const old = `${made}.old`;
  if (!isSame(made, place)) {
    while (!exchange(made, place, old)) rmSync(old, { recursive: true, force: true });
  }
  rmSync(old, { recursive: true, force: true });
}

/** Removes what builds of `place` have left that did not come to their end. */
export function removeAbandoned(place: string): void {
  const folder = dirname(place);
  const since = Date.now() - ABANDONED_AFTER;
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(`${basename(place)}.making-`)) continue;
    const path = join(folder, name);
    const { mtimeMs = since } = statSync(path, { throwIfNoEntry: false }) ?? {};
    if (mtimeMs < since) rmSync(path, { recursive: true, force: true });
  }
}

/** false: another build has put its folder there between the two renames. rename(2): the place is a folder, and not empty. */
function exchange(made: string, place: string, old: string): boolean {
  hasWorked(() => renameSync(place, old), 'ENOENT');
  return hasWorked(() => renameSync(made, place), 'ENOTEMPTY', 'EEXIST');
}

function isSame(made: string, place: string): boolean {
  const files = filesIn(made);
  return (
    files.join() === filesIn(place).join() && files.every((file) => sameBytes(join(made, file), join(place, file)))
  );
}

function sameBytes(one: string, other: string): boolean {
  try {
    return readFileSync(one).equals(readFileSync(other));
  } catch {
    // Another build has just replaced it.
    return false;
  }
}

/** None where the folder is not there. */
function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
      .sort();
  } catch {
    return [];
  }
}

function hasWorked(work: () => void, ...expected: readonly string[]): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (expected.includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}
