import type { HeldData } from './held-data.ts';

/** How the containers of an object are read. */
export type ContainerReader = {
  readonly readOptions: ReadOptions;
  /** The data of a ConfigMap or Secret that is checked too; null: it is not among the checked manifests. */
  readonly heldData: (kind: 'ConfigMap' | 'Secret', name: string) => HeldData | null;
};

/** Reads the arguments and variables of a container as k8s-run does. */
export type ReadOptions = (words: readonly string[], variables: Readonly<Record<string, string>>) => OptionsResult;

export type OptionsResult =
  | {
      readonly kind: 'options';
      readonly options: SupervisorOptions;
      /** The command line of the app. */
      readonly command: readonly string[];
      readonly warnings: readonly string[];
    }
  | { readonly kind: 'mistakes'; readonly texts: readonly string[] }
  /** `k8s-run probe`, `--help`: it supervises no app. */
  | { readonly kind: 'other' };

/** The options of k8s-run that rules need. Times are milliseconds. */
export type SupervisorOptions = {
  /** null: the health server is off, or its port is any free one. */
  readonly healthPort: number | null;
  /** The health server listens on loopback only, where the kubelet cannot reach it by HTTP. */
  readonly loopbackOnly: boolean;
  /** The phases of the shutdown, each with the name of its option. */
  readonly phases: readonly (readonly [name: string, ms: number])[];
  readonly reserve: number;
  readonly shutdownDelay: number;
  /** --termination-grace-period. */
  readonly terminationGracePeriod: number | null;
  /** Whether any signal starts the shutdown. */
  readonly stopsOnSignal: boolean;
  readonly signalScope: 'group' | 'process';
  /** The received signals that start the shutdown, without SIG. */
  readonly stopOn: readonly string[];
  /** What the app is sent after this signal was received. */
  readonly sentAfter: (received: string) => string;
  /** It is ready as long as it runs, as workers are, which get no requests. */
  readonly alwaysReady: boolean;
  /** The folders of --env-dir and the paths of --watch. */
  readonly envDirs: readonly string[];
  readonly watched: readonly string[];
  /** What may pass before the app is started, each with the name of its option: the time-out of --pre-start, of --wait-for. */
  readonly preparation: readonly (readonly [name: string, ms: number])[];
  readonly resourceEnv: boolean;
  /** --on-resize: the app is told of another limit, or started again. */
  readonly actsOnResize: boolean;
  /** --remap-exit: which exit code of the app becomes which. */
  readonly remapExit: readonly (readonly [from: number, to: number])[];
  /** Some options are in a file, which the manifest does not show. */
  readonly hasConfigFile: boolean;
};
