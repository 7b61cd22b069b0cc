import { didYouMean } from '../did-you-mean.ts';
import type { Entry, Place, Tree } from './yaml.ts';

/** What is wrong with a file, and what should be known of it, each with its place. */
export type Findings = {
  /** `what` is the key, and the value where that is no secret. */
  readonly wrong: (place: Place, what: string, problem: string) => void;
  readonly warn: (place: Place, text: string) => void;
  /** As an editor or a terminal finds it: `file:line:column`. */
  readonly at: (place: Place) => string;
};

/** More would hide the first, which often caused the others. */
const MOST = 25;

/** Collects what is found in a file, and tells it in the file's order; what comes after the 25th mistake is counted only. */
export function collect(path: string): Findings & {
  readonly mistakes: () => readonly string[];
  readonly warnings: readonly string[];
} {
  const mistakes: { readonly place: Place; readonly text: string }[] = [];
  const warnings: string[] = [];
  let more = 0;
  const at = ({ line, column }: Place): string => `${path}:${line}:${column}`;
  return {
    at,
    warnings,
    mistakes() {
      const inOrder = mistakes.toSorted((a, b) => a.place.line - b.place.line || a.place.column - b.place.column);
      const texts = inOrder.map(({ text }) => text);
      return more === 0 ? texts : [...texts, `cannot use ${path}: ${more} more mistakes in it`];
    },
    wrong(place, what, problem) {
      if (mistakes.length < MOST) mistakes.push({ place, text: `cannot use ${at(place)} ${what}: ${problem}` });
      else more += 1;
    },
    warn: (place, text) => void warnings.push(`${at(place)}: ${text}`),
  };
}

/**
 * The entries of a map that may have these keys. One that is unknown, or there twice, is a mistake; one without a value
 * (templates leave such behind) is not there.
 */
export function entriesIn<K extends string>(
  tree: Tree,
  name: string,
  keys: readonly K[],
  findings: Findings,
): ReadonlyMap<K, Entry> | null {
  if (tree.kind !== 'map') {
    findings.wrong(tree.place, name, `must be a map; write ${some(keys)}`);
    return null;
  }
  const found = new Map<K, Entry>();
  for (const entry of tree.entries) {
    const key = keys.find((each) => each === entry.key);
    const before = key === undefined ? undefined : found.get(key);
    if (key === undefined) {
      const guess = didYouMean(entry.key, keys);
      const hint = guess === null ? `write ${some(keys)}` : `did you mean ${guess}?`;
      findings.wrong(entry.place, shownKey(entry.key), `unknown key; ${hint}`);
    } else if (before !== undefined) {
      findings.wrong(entry.place, key, `it is there already, at ${findings.at(before.place)}; keep one`);
    } else if (entry.value.kind !== 'scalar' || entry.value.value !== null) {
      found.set(key, entry);
    }
  }
  return found;
}

/** A whole number from `least` to `most`; null, and said, when it is none. */
export function wholeIn(
  { value }: Entry,
  name: string,
  least: number,
  most: number,
  findings: Findings,
): number | null {
  const number = value.kind === 'scalar' ? value.value : null;
  if (typeof number === 'number' && Number.isInteger(number) && number >= least && number <= most) return number;
  const quoted = typeof number === 'string' && /^\d+$/.test(number) ? ', without quotation marks' : '';
  const range = most === MOST_WHOLE ? `${least} or more` : `from ${least} to ${most}`;
  findings.wrong(value.place, `${name}${shownIn(value)}`, `must be a whole number, ${range}${quoted}`);
  return null;
}

/** Kubernetes keeps them in an int32. */
export const MOST_WHOLE = 2_147_483_647;

/** Text that is text: a number or `true` wants quotation marks, as in Kubernetes. */
export function textIn({ value }: Entry, name: string, findings: Findings): string | null {
  if (value.kind === 'scalar' && typeof value.value === 'string') return value.value;
  const loose = value.kind === 'scalar' ? '; put it in quotation marks' : '';
  findings.wrong(value.place, name, `must be text${loose}`);
  return null;
}

export function flagIn({ value }: Entry, name: string, findings: Findings): boolean | null {
  if (value.kind === 'scalar' && typeof value.value === 'boolean') return value.value;
  findings.wrong(value.place, `${name}${shownIn(value)}`, 'must be true or false');
  return null;
}

function some(keys: readonly string[]): string {
  return keys.length > 12 ? `${keys.slice(1, 4).join(', ')} or another option` : `some of ${keys.join(', ')}`;
}

/** A value as it stands in a mistake; never used for what may be secret. */
export function shownIn(value: Tree): string {
  return value.kind === 'scalar' ? ` ${shortened(JSON.stringify(value.value))}` : '';
}

/** A word as it is; what a terminal might take for more, in quotation marks. */
export function shownKey(key: string): string {
  return shortened(/^[\w.$-]+$/.test(key) ? key : JSON.stringify(key));
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
