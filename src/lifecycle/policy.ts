import type { HookName, Milliseconds, Signal } from './state.ts';

/**
 * What a Ctrl-C means. `none`: no terminal. `escalates`: a laptop's terminal, a second press skips the delay, a third
 * kills. `shared`: the app has the terminal too, so the keyboard's signals reach it without us.
 */
export type Keyboard = 'none' | 'escalates' | 'shared';

/** What the loss of the terminal means: with it goes the app's user, or nothing of ours was on it (nohup(1)). */
export type TerminalLoss = 'stops' | 'is nothing';

/** What the user chose, reduced to what the machine must know. Signal sets and maps are by number. */
export type Policy = {
  readonly shutdownDelay: Milliseconds;
  /** Whether the delay was chosen by the user, who then gets it even if the app listens on nothing. */
  readonly shutdownDelaySource: 'default' | 'chosen';
  /** How long to wait for requests in flight after the delay; 0: not at all. */
  readonly drainConnections: Milliseconds;
  readonly grace: Milliseconds;
  readonly stopOn: ReadonlySet<Signal>;
  /** null: the one received, rewritten. */
  readonly stopSignal: Signal | null;
  /** 0 drops the signal. */
  readonly rewrite: ReadonlyMap<Signal, Signal | 0>;
  readonly remapExit: ReadonlyMap<number, number>;
  readonly readinessOnDrain: 'fail' | 'keep';
  readonly keyboard: Keyboard;
  readonly terminalLoss: TerminalLoss;
  /** Whether something must answer before the app is started. */
  readonly awaitsDependencies: boolean;
  readonly hooks: ReadonlySet<HookName>;
  readonly restart: 'never' | 'on-failure' | 'always';
  /** How many restarts in a row; null: any number. */
  readonly restartLimit: number | null;
  readonly onChange: { readonly kind: 'signal'; readonly signal: Signal } | { readonly kind: 'restart' | 'exec' };
};
