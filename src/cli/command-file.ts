import type { ReceivedSignals } from '../boot/signals.ts';

/** What a command gets: the words after its name, the environment as the user set it, and the signals. */
export type Invocation = {
  readonly words: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly signals: ReceivedSignals;
  /** All commands, by name. */
  readonly commands: Readonly<Record<string, Command>>;
  /** The words that started this program, without its arguments: followed by other arguments they start it again. */
  readonly launch: readonly string[];
};

/** One option of a command, for its help, the shell completions and the man page. */
export type CommandOption = {
  /** In commander's syntax: `--image <name>`. */
  readonly flags: string;
  readonly help: string;
  /** All values that it accepts. */
  readonly words?: readonly string[];
};

/** The exports of a command's file. */
export type CommandFile = {
  readonly run: (invocation: Invocation) => Promise<number>;
  /** It handles the signals itself; otherwise they have their default action while it runs. */
  readonly catchesSignals?: true;
  readonly options?: readonly CommandOption[];
  /** `app`: k8s-run's own options and an app's command line; `files`: paths; `folders`: the path of a folder; else one of these words. */
  readonly operands?: 'app' | 'files' | 'folders' | readonly string[];
};

/** A command resolves with its exit code. It never rejects because of what a user did. */
export type Command = {
  /** One line of `k8s-run --help`. */
  readonly summary: string;
  readonly load: () => Promise<CommandFile>;
};
