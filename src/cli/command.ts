import type { ReceivedSignals } from '../boot/signals.ts';

/** What a command is given: the words after its name, the environment as the user set it, the signals that come in. */
export type Invocation = {
  readonly words: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly signals: ReceivedSignals;
  /** All commands, by name. */
  readonly commands: Readonly<Record<string, Command>>;
  /** The words that started this program, before the command line: with others behind them they start it again. */
  readonly launch: readonly string[];
};

/** One option of a command, for its help, for shells that complete it, and for the man page. */
export type Taken = {
  /** As commander has it: `--image <name>`. */
  readonly flags: string;
  readonly help: string;
  /** Every word that it takes. */
  readonly words?: readonly string[];
};

/** What a command's file has. */
export type CommandFile = {
  readonly run: (invocation: Invocation) => Promise<number>;
  readonly takes?: readonly Taken[];
  /** `options`: those of supervising too, and the app's command; `files`: paths; else the words that it may be asked with. */
  readonly operands?: 'options' | 'files' | readonly string[];
};

/** A command resolves with its exit code, and never rejects for anything that a user can do. */
export type Command = {
  /** One line of `k8s-run --help`. */
  readonly summary: string;
  readonly load: () => Promise<CommandFile>;
};
