import type { ReceivedSignals } from '../signals.ts';

/** What a command is given: the words after its name, the environment as the user set it, and the signals that come in. */
export type Invocation = {
  readonly words: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly signals: ReceivedSignals;
  /** The words that started this program, before the command line: with others behind them they start it again. */
  readonly launch: readonly string[];
};

/** A command resolves with its exit code, and never rejects for anything that a user can do. */
export type Command = {
  /** One line of `k8s-run --help`. */
  readonly summary: string;
  readonly load: () => Promise<{ readonly run: (invocation: Invocation) => Promise<number> }>;
};

/** The commands beside supervising: each is one file, read when its name is the first word of the command line. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  env: { summary: "what --resource-env sets from the container's limits, and why", load: () => import('./env.ts') },
  probe: { summary: 'ask the running k8s-run in this container; exits 0 or 1', load: () => import('./probe.ts') },
  rehearse: {
    summary: 'play a rolling update on this machine; tells what users would have felt',
    load: () => import('./rehearse.ts'),
  },
};

export const COMMAND_NAMES: ReadonlySet<string> = new Set(Object.keys(COMMANDS));
