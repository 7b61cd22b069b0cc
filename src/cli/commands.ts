import type { Config, Fit } from '../config/parse.ts';
import type { ReceivedSignals } from '../signals.ts';

/** The arithmetic of the shutdown: what makes its phases agree, and what they are, in milliseconds. */
export type Budgeting = {
  readonly fit: Fit;
  readonly shutdownOf: (config: Config) => {
    readonly phases: readonly (readonly [name: string, ms: number])[];
    readonly reserve: number;
  };
};

/** What a command is given: the words after its name, the environment as the user set it, the signals that come in. */
export type Invocation = {
  readonly words: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly signals: ReceivedSignals;
  readonly budgeting: Budgeting;
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

/** The commands beside supervising: each is one file, read when its name is the first word of the command line. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  check: { summary: 'find in manifests what would lose requests; exits 0 or 1', load: () => import('./check.ts') },
  completion: {
    summary: 'print a script that completes k8s-run in bash, zsh or fish',
    load: () => import('./completion.ts'),
  },
  env: { summary: "what --resource-env sets from the container's limits, and why", load: () => import('./env.ts') },
  manifest: {
    summary: 'print the Kubernetes manifests that agree with these options',
    load: () => import('./manifest.ts'),
  },
  probe: { summary: 'ask the running k8s-run in this container; exits 0 or 1', load: () => import('./probe.ts') },
  rehearse: {
    summary: 'play a rolling update on this machine; tells what users would have felt',
    load: () => import('./rehearse.ts'),
  },
};

export const COMMAND_NAMES: ReadonlySet<string> = new Set(Object.keys(COMMANDS));
