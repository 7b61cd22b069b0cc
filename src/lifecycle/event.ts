import type {
  Connections,
  Exit,
  Fault,
  HookName,
  Leftover,
  Milliseconds,
  PostMortemHook,
  PostMortemResult,
  ProbeName,
  Signal,
  SignalCause,
  SpawnFailure,
  Standing,
} from './state.ts';

/**
 * One count of the app's inbound connections. `inFlight`: connections with a request in flight at this moment; `arrived`: new
 * ones since the last count. Without the kernel's times (`timed`) every open connection is busy and in flight, for it may be;
 * `certain` are those with bytes that the app has not read or the client has not acknowledged.
 */
export type ConnectionCount =
  | (Connections & {
      readonly kind: 'counted';
      readonly inFlight: number;
      readonly arrived: number;
      readonly timed: boolean;
      readonly certain: number;
    })
  | { readonly kind: 'uncountable'; readonly reason: string };

/** What happened, and when. */
export type Event = { readonly at: Milliseconds } & (
  | { readonly type: 'begun' }
  | { readonly type: 'spawned'; readonly pid: number }
  | { readonly type: 'spawnFailed'; readonly failure: SpawnFailure }
  | { readonly type: 'signalReceived'; readonly signal: Signal }
  /** A HUP or CONT that was sent because the terminal was lost, and not on purpose. */
  | { readonly type: 'terminalLost'; readonly signal: Signal }
  | { readonly type: 'standingChanged'; readonly probe: ProbeName; readonly standing: Standing }
  | { readonly type: 'listenersCounted'; readonly count: number | 'unknown' }
  | { readonly type: 'connectionsCounted'; readonly count: ConnectionCount }
  | { readonly type: 'deadlinePassed' }
  | { readonly type: 'childExited'; readonly exit: Exit }
  | { readonly type: 'leftoversFound'; readonly leftovers: readonly Leftover[] }
  | { readonly type: 'leftoversGone' }
  | { readonly type: 'dependenciesMet' }
  /** `--wait-timeout` is over; `detail` names the dependencies that did not answer. */
  | { readonly type: 'dependenciesMissing'; readonly detail: string }
  /** `failure`: why the hook failed; null: it did not. */
  | { readonly type: 'hookEnded'; readonly hook: HookName; readonly failure: string | null }
  | { readonly type: 'postMortemEnded'; readonly hook: PostMortemHook; readonly result: PostMortemResult }
  /** The app was sent a signal of `passOnOnceCaught`, with the values of that effect. */
  | {
      readonly type: 'signalSent';
      readonly signal: Signal;
      readonly cause: SignalCause;
      readonly received: Signal | null;
    }
  /** Memory has risen to 90 % of the limit; `reason` gives the figures. */
  | { readonly type: 'memoryHigh'; readonly reason: string }
  | { readonly type: 'mountChanged'; readonly path: string }
  /** The container's limits have changed, and are not changing any more. */
  | { readonly type: 'resizeSettled' }
  | { readonly type: 'faulted'; readonly fault: Fault }
);

/** An event before it has its time. */
export type UntimedEvent = Event extends infer E ? (E extends Event ? Omit<E, 'at'> : never) : never;
