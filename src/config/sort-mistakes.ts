import type { ConfigMistake, Place } from './config.ts';

const ORDER = ['command line', 'variables', 'file'] as const;

/** Mistakes as they stand: command line, variables, file; those without a place at the end. */
export function sortMistakes(mistakes: readonly ConfigMistake[]): readonly ConfigMistake[] {
  return mistakes.toSorted((one, other) => compare(one.place, other.place));
}

function compare(one: Place | undefined, other: Place | undefined): number {
  if (one === undefined || other === undefined) return Number(one === undefined) - Number(other === undefined);
  return ORDER.indexOf(one[0]) - ORDER.indexOf(other[0]) || one[1] - other[1] || one[2] - other[2];
}
