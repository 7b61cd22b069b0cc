/** An option, for a shell to complete. */
export type Flag = {
  readonly name: string;
  /** null: it has no value. `files`, `folders`: paths. Else the values, or beginnings of values, to offer. */
  readonly values: null | 'files' | 'folders' | readonly string[];
  /** The placeholder of the value in the help: `<duration>`. */
  readonly placeholder: string;
  readonly help: string;
};

/** A command beside supervising an app. */
export type Subcommand = {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly Flag[];
  /** `app`: an app's command line; `files`: paths; `folders`: a folder; else one of these words. */
  readonly operands: 'app' | 'files' | 'folders' | readonly string[];
};

/** All that may follow `k8s-run`. */
export type Grammar = { readonly flags: readonly Flag[]; readonly commands: readonly Subcommand[] };

/** The text in single quotes, for POSIX shells. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
