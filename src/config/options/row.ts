import { parseDuration } from '../../duration.ts';
import type { ReadValue } from '../values.ts';

/**
 * One option. Its flag, its K8S_RUN_ variable, its key in a file, its help and its line in docs/reference.md come from this row.
 * `repeats`: the flag may occur several times, and the variable may have several values, separated by commas; `read` gives a
 * list of one for each.
 */
export type Option<T> = {
  readonly flag: string;
  readonly takes: string | null;
  /** Every word that it takes, when `takes` does not list them. */
  readonly words?: readonly string[];
  readonly fallback: string | null;
  /** The default in the help and the reference, when it is not a value. */
  readonly fallbackWords?: string;
  readonly repeats?: true;
  readonly help: string;
  readonly group: OptionGroup;
  readonly read: (text: string) => ReadValue<T>;
};
export type OptionGroup =
  | 'file'
  | 'health'
  | 'probes'
  | 'shutdown'
  | 'signals'
  | 'environment'
  | 'hooks'
  | 'restart'
  | 'log';

/** The row's environment variable. */
export function variableFor(option: Pick<Option<unknown>, 'flag'>): string {
  return `K8S_RUN_${option.flag.toUpperCase().replaceAll('-', '_')}`;
}

/** A row for a duration of 1 ms or more. */
export function duration(flag: string, fallback: string, group: OptionGroup, help: string): Option<number> {
  return { flag, takes: '<duration>', fallback, group, help, read: (text) => readDuration(text, 1) };
}

/** A row for a duration that may be 0. */
export function durationOrZero(flag: string, fallback: string, group: OptionGroup, help: string): Option<number> {
  return { ...duration(flag, fallback, group, help), read: (text) => readDuration(text, 0) };
}

/** Milliseconds. */
function readDuration(text: string, least: number): ReadValue<number> {
  const parsed = parseDuration(text);
  if (parsed === null) return { problem: 'not a duration; write 25s, 500ms, 1m30s, or a number of seconds' };
  return parsed < least ? { problem: 'must be more than 0; write 500ms or 1s' } : { ok: parsed };
}
