import type { ProbeSpec } from '../config/probe-spec.ts';

/** What a rehearsal needs of the other rooms; cli/rehearse.ts introduces them. */
export type Outside = {
  readonly version: string;
  /** Starts a program with its output read line by line; a failure says why it could not be. */
  readonly start: (
    words: readonly string[],
    environment: Environment,
    printed: (line: string) => void,
  ) => Promise<Started | { readonly code: string; readonly detail: string }>;
  /** Runs a short command to its end. */
  readonly run: (words: readonly string[], environment: Environment, cancelled: AbortSignal) => Promise<unknown>;
  /** The words that make a command the first process of a namespace of its own (pid_namespaces(7)); null where that is not allowed. */
  readonly asFirstProcess: () => Promise<readonly string[] | null>;
  /** The process that another one has started, if there is one. */
  readonly childOf: (pid: number) => number | null;
  /** Asks once. Resolves with why it did not pass, null where it did; when `cancelled` fires it settles soon. */
  readonly question: (
    spec: ProbeSpec,
    pid: number,
    environment: Environment,
  ) => (cancelled: AbortSignal) => Promise<string | null>;
  /** What the k8s-run whose health port this is waits for; null where it does not say. */
  readonly unready: (port: number) => Promise<{ readonly probe: string; readonly reason: string } | null>;
  /** The ports that a process and its children listen on; null where that cannot be seen. */
  readonly listening: (pid: number) => readonly number[] | null;
  /** Whether a port of this machine can be had. */
  readonly isFree: (port: number) => Promise<boolean>;
  readonly disposition: (pid: number, signal: number) => 'caught' | 'ignored' | 'default' | null;
  /** Process groups to be killed should this process vanish. */
  readonly guard: { readonly add: (group: number) => void; readonly remove: (group: number) => void };
  readonly signal: (pid: number, signal: number) => void;
  /** SIGKILL to a group that one of ours leads, if it is there. */
  readonly killGroup: (group: number) => void;
  /** Kills whatever still descends from this process; resolves when nothing of it runs any more. */
  readonly sweep: () => Promise<void>;
};

export type Environment = NodeJS.ProcessEnv;

export type Started = {
  readonly pid: number;
  readonly exited: Promise<
    { readonly kind: 'code'; readonly code: number } | { readonly kind: 'signal'; readonly signal: number }
  >;
  readonly signal: (signal: number) => void;
  /** SIGKILL to all of it that can be found. */
  readonly kill: () => void;
};
