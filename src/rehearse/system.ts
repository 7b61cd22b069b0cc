import type { ProbeSpec } from '../config/probe-spec.ts';
import type { SignalHandling } from './pod/pod-timeline.ts';

/** What a rehearsal needs of the operating system, and of rooms that it may not import; cli/rehearse-system.ts provides it. */
export type System = {
  /** The version of k8s-run. */
  readonly version: string;
  /** Starts a program and reads its output line by line. */
  readonly startProcess: (
    words: readonly string[],
    environment: NodeJS.ProcessEnv,
    printed: (line: string) => void,
  ) => Promise<StartedProcess | { readonly code: string; readonly detail: string }>;
  /** Runs a short command to its end. */
  readonly runCommand: (
    words: readonly string[],
    environment: NodeJS.ProcessEnv,
    cancelled: AbortSignal,
  ) => Promise<unknown>;
  /** The words in front of a command that make it PID 1 of a new namespace (pid_namespaces(7)); null: not allowed here. */
  readonly pidNamespacePrefix: () => Promise<readonly string[] | null>;
  readonly firstChildOf: (pid: number) => number | null;
  /** Probes once. Resolves with the reason of a failure, null: passed. Settles soon after `cancelled` fires. */
  readonly probe: (
    spec: ProbeSpec,
    pid: number,
    environment: NodeJS.ProcessEnv,
  ) => (cancelled: AbortSignal) => Promise<string | null>;
  /** The probe that the k8s-run with this health port waits for; null: not known. */
  readonly failedProbeAt: (healthPort: number) => Promise<{ readonly probe: string; readonly reason: string } | null>;
  /** The ports that a process and its descendants listen on; null: not known. */
  readonly listeningPorts: (pid: number) => readonly number[] | null;
  readonly isPortFree: (port: number) => Promise<boolean>;
  /** What a process does with each signal at this moment; null: not known. */
  readonly signalHandling: (pid: number) => ((signal: number) => Exclude<SignalHandling, 'caught once'>) | null;
  /** Whether anything listens on this TCP port; null: not known. */
  readonly isListening: (port: number) => boolean | null;
  /** The process groups to kill if this process is killed with SIGKILL. */
  readonly killGuard: { readonly add: (group: number) => void; readonly remove: (group: number) => void };
  readonly sendSignal: (pid: number, signal: number) => void;
  /** SIGKILL to a process group; no error where it is gone. */
  readonly killGroup: (group: number) => void;
  /** Kills every descendant of this process; resolves when none of them runs any more. */
  readonly endDescendants: () => Promise<void>;
};

export type StartedProcess = {
  readonly pid: number;
  readonly exited: Promise<
    { readonly kind: 'code'; readonly code: number } | { readonly kind: 'signal'; readonly signal: number }
  >;
  readonly signal: (signal: number) => void;
  /** SIGKILL to the process, its session and its descendants. */
  readonly kill: () => void;
};
