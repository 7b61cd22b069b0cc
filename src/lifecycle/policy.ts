import type { HookName, Milliseconds, PostMortemHook, Signal } from './state.ts';

/**
 * What Ctrl-C does. `none`: no terminal. `escalates`: on a laptop's terminal, the second one skips the delay, the third one
 * kills. `shared`: the app shares the terminal, so signals of the keyboard reach it directly.
 */
export type Keyboard = 'none' | 'escalates' | 'shared';

/** What the loss of the terminal does. `stops`: it starts the shutdown; `ignored`: stdin, stdout and stderr are elsewhere (nohup(1)). */
export type TerminalLoss = 'stops' | 'ignored';

/** What is done after a change of a watched path, or of the container's limits. */
export type ChangeAction = { readonly kind: 'signal'; readonly signal: Signal } | { readonly kind: 'restart' | 'exec' };

/** The part of the configuration that the state machine needs. Signals are numbers. */
export type Policy = {
  readonly shutdownDelay: Milliseconds;
  /** A `chosen` delay is kept even if the app listens on nothing. */
  readonly shutdownDelaySource: 'default' | 'chosen';
  /** The part of `grace` that may be spent, before the signal, waiting for requests in flight; 0: no wait. */
  readonly drainConnections: Milliseconds;
  /** A `chosen` drain waits also where an idle connection cannot be told from one with a request in flight. */
  readonly drainConnectionsSource: 'default' | 'chosen';
  /** From the end of the delay until SIGKILL. */
  readonly grace: Milliseconds;
  readonly stopOn: ReadonlySet<Signal>;
  /** null: the one received, rewritten. */
  readonly stopSignal: Signal | null;
  /** Sent to the app when the shutdown begins; null: none. */
  readonly drainSignal: Signal | null;
  /** 0 drops the signal. */
  readonly rewrite: ReadonlyMap<Signal, Signal | 0>;
  readonly remapExit: ReadonlyMap<number, number>;
  readonly readinessOnDrain: 'fail' | 'keep';
  readonly keyboard: Keyboard;
  readonly terminalLoss: TerminalLoss;
  /** Whether `--wait-for` was set. */
  readonly awaitsDependencies: boolean;
  readonly hooks: ReadonlySet<HookName>;
  readonly postMortem: ReadonlySet<PostMortemHook>;
  /** The limit of each post-mortem hook. */
  readonly hookTimeout: Milliseconds;
  readonly restart: 'never' | 'on-failure' | 'always';
  /** How many restarts in a row; null: any number. */
  readonly restartLimit: number | null;
  readonly onChange: ChangeAction;
  /** null: a resize of the container is only said. */
  readonly onResize: ChangeAction | null;
};
