import type { HealthCheck } from './health-check.ts';
import type { OptionKey, OptionValues } from './options/table.ts';

/** Values as they were written, and where. A flag may come several times. */
export type GivenOption = {
  readonly key: OptionKey;
  readonly text: string;
  /** As the user knows it: `--grace` or `K8S_RUN_GRACE`. */
  readonly source: string;
};

/** A value that needs no more reading: a file has other forms than text. */
export type SettledOption = Omit<GivenOption, 'text'> & { readonly value: unknown };

/** Everything the user chose, valid, in milliseconds and numbers, frozen. */
export type Config = OptionValues & {
  /** Which options the user chose, by flag, variable or file. */
  readonly chosen: ReadonlySet<OptionKey>;
  /** Only a file can have them. */
  readonly checks: readonly HealthCheck[];
};

/** `usage`: the command line itself has no meaning (exit 64); `value`: it has, but a value is wrong (exit 78). */
export type ConfigMistake = { readonly kind: 'usage' | 'value'; readonly text: string };

/** `sources`: where the value of each option is from, as the user knows it. */
export type ResolvedConfig = {
  readonly warnings: readonly string[];
  readonly sources: Readonly<Partial<Record<OptionKey, string>>>;
} & (
  | { readonly ok: Config }
  /** `readable`: what is right in spite of the mistakes. */
  | { readonly mistakes: readonly ConfigMistake[]; readonly readable: Partial<Config> }
);

/** Which of the values were chosen, and what their names are to the user. */
export type OptionSources = {
  readonly isChosen: (key: OptionKey) => boolean;
  readonly sourceOf: (key: OptionKey) => string;
};
