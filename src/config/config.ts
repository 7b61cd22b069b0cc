import type { HealthCheck } from './health-check.ts';
import type { OptionKey, OptionValues } from './options/table.ts';

/**
 * Where something was written, for the order of the mistakes: the command line before the variables before the file; in each, the
 * word's or the variable's number, or the line and the column.
 */
export type Place = readonly [where: 'command line' | 'variables' | 'file', line: number, column: number];

/** An option as text, and where it was set. A flag may occur several times. */
export type GivenOption = {
  readonly key: OptionKey;
  readonly text: string;
  /** The name under which the user set it: `--grace` or `K8S_RUN_GRACE`. */
  readonly source: string;
  /** Without one, a mistake comes after those that have one. */
  readonly place?: Place;
  /** The sources of its words, where each word of the value has its own in a file. */
  readonly words?: readonly string[];
};

/** An option with a value that was already read: a file has other forms than text. */
export type SettledOption = Omit<GivenOption, 'text' | 'words'> & { readonly value: unknown };

/** The value of every option, valid and frozen. Times are milliseconds, signals numbers. */
export type Config = Omit<OptionValues, 'drainConnections'> & {
  /** The part of `grace` that may be spent waiting before the signal; derived from it where it was not set. */
  readonly drainConnections: number;
  /** The options that the user set, by flag, variable or file. */
  readonly chosen: ReadonlySet<OptionKey>;
  /** The named health checks, which only a file can have. */
  readonly checks: readonly HealthCheck[];
};

/** `usage`: the command line cannot be understood (exit 64); `value`: a value is wrong (exit 78). */
export type ConfigMistake = { readonly kind: 'usage' | 'value'; readonly text: string; readonly place?: Place };

/** `sources`: the name under which each option was set; `places`: where. */
export type ResolvedConfig = {
  readonly warnings: readonly string[];
  readonly sources: Readonly<Partial<Record<OptionKey, string>>>;
  readonly places: Readonly<Partial<Record<OptionKey, Place>>>;
} & (
  | { readonly ok: Config }
  /** `readable`: the options without mistakes. */
  | { readonly mistakes: readonly ConfigMistake[]; readonly readable: Partial<Config> }
);

/** Which options the user set, and under which names. */
export type OptionSources = {
  readonly isChosen: (key: OptionKey) => boolean;
  readonly sourceOf: (key: OptionKey) => string;
};
