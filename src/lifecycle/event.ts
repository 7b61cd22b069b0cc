import type {
  Connections,
  Exit,
  Fault,
  HookName,
  Leftover,
  Milliseconds,
  ProbeName,
  Signal,
  SpawnFailure,
  Standing,
} from './state.ts';

/**
 * What one count of the app's inbound connections gave. `inFlight`: busy with a request at this very moment, not only of late;
 * `arrived`: came in since the count before.
 */
export type ConnectionCount =
  | (Connections & { readonly kind: 'counted'; readonly inFlight: number; readonly arrived: number })
  | { readonly kind: 'uncountable'; readonly reason: string };

/** What happened. `at` is the monotonic time of it. */
export type Event = { readonly at: Milliseconds } & (
  | { readonly type: 'begun' }
  | { readonly type: 'spawned'; readonly pid: number }
  | { readonly type: 'spawnFailed'; readonly failure: SpawnFailure }
  | { readonly type: 'signalReceived'; readonly signal: Signal }
  /** A HUP or CONT that only says that the terminal is gone: nobody's order. */
  | { readonly type: 'terminalLost'; readonly signal: Signal }
  | { readonly type: 'standingChanged'; readonly probe: ProbeName; readonly standing: Standing }
  | { readonly type: 'listenersCounted'; readonly count: number | 'unknown' }
  | { readonly type: 'connectionsCounted'; readonly count: ConnectionCount }
  | { readonly type: 'deadlinePassed' }
  | { readonly type: 'childExited'; readonly exit: Exit }
  | { readonly type: 'leftoversFound'; readonly leftovers: readonly Leftover[] }
  | { readonly type: 'leftoversGone' }
  | { readonly type: 'dependenciesMet' }
  /** Not in time; `detail` names them. */
  | { readonly type: 'dependenciesMissing'; readonly detail: string }
  /** `failure`: in words; null: it did what it should. */
  | { readonly type: 'hookEnded'; readonly hook: HookName; readonly failure: string | null }
  | { readonly type: 'mountChanged'; readonly path: string }
  | { readonly type: 'faulted'; readonly fault: Fault }
);

/** An event before it has its time. */
export type UntimedEvent = Event extends infer E ? (E extends Event ? Omit<E, 'at'> : never) : never;
