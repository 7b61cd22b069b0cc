/** An option as a shell completes it. */
export type Flag = {
  readonly name: string;
  /** null: it takes no value. `files`: paths; `folders`: folders; else the words, or beginnings of words, that it takes. */
  readonly takes: null | 'files' | 'folders' | readonly string[];
  /** What stands for the value in the help: `<duration>`. */
  readonly placeholder: string;
  readonly help: string;
};

/** A command beside supervising. */
export type Subcommand = {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly Flag[];
  /** `app`: a command line follows; `files`: paths do; else one of these words. */
  readonly operands: 'app' | 'files' | readonly string[];
};

/** All that can be written behind `k8s-run`. */
export type Grammar = { readonly flags: readonly Flag[]; readonly commands: readonly Subcommand[] };

/** Text between single quotation marks, as POSIX shells have it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
