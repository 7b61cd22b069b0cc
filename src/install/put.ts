import { lstatSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { type InstallFailure, reasonOf, refused } from './failure.ts';
import { PARTS } from './folder-contents.ts';

/** The folder in a temporary one with what was at the target. */
export const REPLACED = 'old';

/**
 * Puts a finished folder to its place; in a folder that exists, part by part. What is there then stays in `staging`, and comes back
 * where a part cannot be moved.
 */
export function put(staging: string, target: string, exists: boolean): InstallFailure | null {
  if (!exists) {
    renameSync(staging, target);
    return null;
  }
  const old = join(staging, REPLACED);
  mkdirSync(old);
  const done: (readonly [from: string, to: string])[] = [];
  const move = (part: string, from: string, to: string): void => {
    if (lstatSync(join(from, part), { throwIfNoEntry: false }) === undefined) return;
    renameSync(join(from, part), join(to, part));
    done.push([join(from, part), join(to, part)]);
  };
  try {
    // The launcher leaves first and comes last, so that nothing starts from a mixture.
    for (const part of PARTS.toReversed()) move(part, target, old);
    for (const part of PARTS) move(part, staging, target);
    return null;
  } catch (error) {
    return moveBack(done, { staging, reason: reasonOf(error) });
  }
}

/** Undoes renames, the last one first, so that the launcher comes back last. */
function moveBack(
  done: readonly (readonly [from: string, to: string])[],
  { staging, reason }: { readonly staging: string; readonly reason: string },
): InstallFailure {
  try {
    for (const [from, to] of done.toReversed()) renameSync(to, from);
    return refused(reason);
  } catch (error) {
    const rest = `what was there is not whole any more, and its other parts are in ${join(staging, REPLACED)} (${reasonOf(error)})`;
    return { kind: 'torn', problem: `${reason}; ${rest}` };
  }
}
