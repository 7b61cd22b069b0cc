import { parseDuration } from '../../duration.ts';
import type { ReadValue } from '../values.ts';

/**
 * One option. The flag, its K8S_RUN_ variable, its key in a file, its help and its line in docs/reference.md all come from this row.
 * `repeats`: given several times, or several values in one variable, separated by commas; each is read to a list of one.
 */
export type Option<T> = {
  readonly flag: string;
  readonly takes: string | null;
  /** Every word that it takes, where `takes` does not list them. */
  readonly words?: readonly string[];
  readonly fallback: string | null;
  /** What help and the reference say where `fallback` is not the whole truth. */
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

/** A row for a length of time, in milliseconds. */
export function duration(
  flag: string,
  fallback: string,
  group: OptionGroup,
  least: number,
  help: string,
): Option<number> {
  const read = (text: string): ReadValue<number> => {
    const parsed = parseDuration(text);
    if (parsed === null) return { problem: 'not a duration; write 25s, 500ms, 1m30s, or a number of seconds' };
    return parsed < least ? { problem: 'must be more than nothing; write 500ms or 1s' } : { ok: parsed };
  };
  return { flag, takes: '<duration>', fallback, group, help, read };
}
