import type { ConfigMistake, Place } from '../config.ts';
import { didYouMean } from '../did-you-mean.ts';
import type { MapEntry, Position, YamlTree } from './yaml.ts';

/** Collects the mistakes and warnings of one file, each with its position. */
export type Diagnostics = {
  /** `what` is the key, and its value where that cannot be a secret. */
  readonly addMistake: (position: Position, what: string, problem: string) => void;
  readonly addWarning: (position: Position, text: string) => void;
  /** `file:line:column`, which editors and terminals turn into a link. */
  readonly locate: (position: Position) => string;
};

/** A longer list would bury the first mistake, which often caused the others. */
const MAX_MISTAKES = 25;

/** From the 26th mistake on they are only counted. */
export function collectDiagnostics(path: string): Diagnostics & {
  readonly mistakes: () => readonly ConfigMistake[];
  readonly warnings: readonly string[];
} {
  const mistakes: ConfigMistake[] = [];
  const warnings: string[] = [];
  let more = 0;
  const locate = ({ line, column }: Position): string => `${path}:${line}:${column}`;
  return {
    locate,
    warnings,
    mistakes() {
      if (more === 0) return mistakes;
      const rest = `cannot use ${path}: ${more} more mistakes`;
      return [...mistakes, { kind: 'value', text: rest, place: ['file', Number.POSITIVE_INFINITY, 0] }];
    },
    addMistake(position, what, problem) {
      if (mistakes.length < MAX_MISTAKES)
        mistakes.push({
          kind: 'value',
          text: `cannot use ${locate(position)} ${what}: ${problem}`,
          place: placeOf(position),
        });
      else more += 1;
    },
    addWarning: (position, text) => void warnings.push(`${locate(position)}: ${text}`),
  };
}

export function placeOf({ line, column }: Position): Place {
  return ['file', line, column];
}

/**
 * The entries of a map that may have only these keys. An unknown or duplicate key is a mistake; a key without a value is
 * left out, because templates often produce one.
 */
export function entriesIn<K extends string>(
  tree: YamlTree,
  name: string,
  keys: readonly K[],
  diagnostics: Diagnostics,
): ReadonlyMap<K, MapEntry> | null {
  if (tree.kind !== 'map') {
    diagnostics.addMistake(tree.position, name, `must be a map; ${keysToWrite('any of', keys)}`);
    return null;
  }
  const entries = new Map<K, MapEntry>();
  for (const entry of tree.entries) {
    const key = keys.find((each) => each === entry.key);
    const before = key === undefined ? undefined : entries.get(key);
    if (key === undefined) {
      const guess = didYouMean(entry.key, keys);
      const hint = guess === null ? keysToWrite('one of', keys) : `did you mean ${guess}?`;
      diagnostics.addMistake(entry.position, keyShown(entry.key), `unknown key; ${hint}`);
    } else if (before !== undefined) {
      diagnostics.addMistake(entry.position, key, `already set at ${diagnostics.locate(before.position)}; keep one`);
    } else if (entry.value.kind !== 'scalar' || entry.value.value !== null) {
      entries.set(key, entry);
    }
  }
  return entries;
}

/** The upper limit of the integers in Kubernetes' API, which are int32. */
export const MAX_INT32 = 2_147_483_647;

export type NumberRange = { readonly min: number; readonly max: number };

/** A whole number in this range; null, and a mistake, where it is none. */
export function wholeNumberIn(
  { value }: MapEntry,
  name: string,
  { min, max }: NumberRange,
  diagnostics: Diagnostics,
): number | null {
  const number = value.kind === 'scalar' ? value.value : null;
  if (typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max) return number;
  const quoted = typeof number === 'string' && /^\d+$/.test(number) ? ', without quotes' : '';
  const range = max === MAX_INT32 ? `${min} or more` : `from ${min} to ${max}`;
  diagnostics.addMistake(value.position, `${name}${valueShown(value)}`, `must be a whole number, ${range}${quoted}`);
  return null;
}

/** A string; a number or `true` must be in quotes to be one, as in Kubernetes. */
export function textIn({ value }: MapEntry, name: string, diagnostics: Diagnostics): string | null {
  if (value.kind === 'scalar' && typeof value.value === 'string') return value.value;
  const remedy = value.kind === 'scalar' ? '; put it in quotes' : '';
  diagnostics.addMistake(value.position, name, `must be a string${remedy}`);
  return null;
}

export function booleanIn({ value }: MapEntry, name: string, diagnostics: Diagnostics): boolean | null {
  if (value.kind === 'scalar' && typeof value.value === 'boolean') return value.value;
  diagnostics.addMistake(value.position, `${name}${valueShown(value)}`, 'must be true or false');
  return null;
}

/** The keys of the whole file are too many to list. */
function keysToWrite(choice: string, keys: readonly string[]): string {
  return keys.length > 12 ? 'the reference lists all keys' : `write ${choice} ${keys.join(', ')}`;
}

/** A value as a mistake quotes it; never use it for a value that may be a secret. */
export function valueShown(value: YamlTree): string {
  return value.kind === 'scalar' ? ` ${shortened(JSON.stringify(value.value))}` : '';
}

/** A key as a mistake quotes it; in quotes where it has characters that a terminal may interpret. */
export function keyShown(key: string): string {
  return shortened(/^[\w.$-]+$/.test(key) ? key : JSON.stringify(key));
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
