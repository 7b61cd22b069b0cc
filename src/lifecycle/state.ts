/**
 * The life of one supervised app, as data. Nothing in this folder reads a clock, waits or logs.
 *
 * <!-- diagram: checked against transition.ts by test/lifecycle/transition.test.ts; a name that stands twice is the same state -->
 *
 *   preparing ──spawned──▶ running ──stop signal──▶ preStopping ──hook over──▶ draining ──pause over──▶ settling ──none busy──▶ stopping ──grace over──▶ killing
 *                             │                         │                         │                        │                        │                        │
 *                             └─────────────────────────┴─────────────────────────┴──── app gone ───┬──────┴────────────────────────┴────────────────────────┘
 *                                                                                                   ▼
 *                                                                                               inspecting
 *
 *   What is not asked for, or would serve nobody, is left out:
 *     no hook    running ──▶ draining
 *     no pause   running ──▶ settling      preStopping ──▶ settling
 *     no wait    running ──▶ stopping      preStopping ──▶ stopping      draining ──▶ stopping
 *
 *   When the app is gone:
 *
 *        ┌────────────── no time left ──────────────────┐
 *        │                                              ▼
 *   inspecting ──leftovers──▶ sweeping ──time over──▶ purging
 *        │                        │                     │
 *        └── none ────────────────┴── gone ─────────────┴───────┬───────────────┬──────────────┬─────────────┐
 *                                                               ▼               ▼              ▼             ▼
 *                               started again at once:      preparing      backingOff      concluding      exited
 *
 *   started again after a while     backingOff ──▶ preparing
 *   it could not be started again   preparing ──▶ backingOff
 *   a stop signal in the hook       preparing ──▶ aborting
 *   the hook after it all           concluding ──▶ exited
 *   no app, or no more of it:
 *
 *     preparing    aborting    backingOff
 *         │            │           │
 *         └────────────┴───────────┴──────┬────────────┐
 *                                         ▼            ▼
 *                                     concluding     exited
 */

import type { Notice } from './notice.ts';

/** Milliseconds on the monotonic clock, or a length of time in milliseconds. */
export type Milliseconds = number;

/** A signal by number, as in signal(7): names have aliases, numbers have none. */
export type Signal = number;

export type ProbeName = 'startup' | 'ready' | 'live';

/** What a probe says once its thresholds are applied. `pending`: it has not passed yet. */
export type Standing =
  | { readonly kind: 'pending'; readonly reason: string }
  | { readonly kind: 'passing' }
  | { readonly kind: 'failing'; readonly reason: string };

export type Standings = Readonly<Record<ProbeName, Standing>>;

/** How the app ended, as wait(2) tells it. */
export type Exit =
  | { readonly kind: 'code'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: Signal };

/** Why the app could not be started; `code` is an errno name such as ENOENT. */
export type SpawnFailure = { readonly code: string; readonly detail: string };

/** A process that outlived the app. */
export type Leftover = {
  /** Negative, as kill(2) has it: the whole of that group, where its members cannot be told apart. */
  readonly pid: number;
  readonly program: string;
  readonly group: number;
};

/** A fault of k8s-run's own, in the room that had it. */
export type Fault = { readonly room: string; readonly message: string };

/** What the user has run at certain points of the app's life. */
export type HookName = 'pre-start' | 'pre-stop' | 'post-exit' | 'on-change';

/** What began a shutdown; `change`: of a watched path, so that the app is only stopped to be started again. */
export type StopCause =
  | { readonly kind: 'signal'; readonly signal: Signal }
  | { readonly kind: 'change'; readonly path: string }
  | { readonly kind: 'terminal' }
  | { readonly kind: 'fault'; readonly fault: Fault };

/** Why the pause between failing readiness and signalling the app was left out, or cut short. */
export type SkipReason = 'no delay' | 'never ready' | 'not alive' | 'listens on nothing' | 'second Ctrl-C' | 'fault';

/** Inbound connections of the app at one moment; `busy` is what container/connections.ts takes for a request in hand. */
export type Connections = { readonly open: number; readonly busy: number };

/** What is known of the app's inbound connections while it is shut down. */
export type Traffic =
  | { readonly kind: 'not counted' }
  | { readonly kind: 'uncountable'; readonly reason: string }
  /** `arrivedAt`: when new ones were last seen to have come in; null: none since the counting began. */
  | (Connections & { readonly kind: 'counted'; readonly arrivedAt: Milliseconds | null });

/**
 * How the wait for connections ended, and what was known at its end; null: there was none. `none in hand`: shortly before the
 * limit, between two requests.
 */
export type Waited = { readonly ended: 'none busy' | 'none in hand' | 'limit'; readonly traffic: Traffic } | null;

/** When each phase was entered; the last entry is the phase that the state is in. */
export type Timeline = readonly { readonly phase: Phase; readonly at: Milliseconds }[];
export type Phase =
  | 'preparing'
  | 'running'
  | 'preStopping'
  | 'draining'
  | 'settling'
  | 'stopping'
  | 'killing'
  | 'sweeping'
  | 'backingOff'
  | 'concluding';

/** Restarts in place. `inRow`: those without a good minute in between, each of which doubles the wait for the next. */
export type Restarts = { readonly total: number; readonly inRow: number };

/** A signal that was handed to the app without starting a shutdown. */
export type PassedOn = { readonly signal: Signal; readonly at: Milliseconds };

/** A shutdown that is under way. `presses` counts Ctrl-C on a terminal; the first request counts as one. */
export type Shutdown = { readonly cause: StopCause; readonly stopSignal: Signal; readonly presses: number };

type InLife = { readonly timeline: Timeline; readonly restarts: Restarts };
type WithApp = InLife & { readonly standings: Standings };

/** `stage`: what stands between now and the app. */
export type Preparing = InLife & {
  readonly kind: 'preparing';
  readonly stage: 'begin' | 'dependencies' | 'pre-start' | 'spawn';
  readonly held: readonly Signal[];
};
/** A stop signal came while the pre-start hook runs: it gets the signal and the grace, as the app would. */
export type Aborting = InLife & { readonly kind: 'aborting'; readonly signal: Signal; readonly killAt: Milliseconds };
export type Running = WithApp & { readonly kind: 'running'; readonly passedOn: PassedOn | null };
/** Readiness has failed, and the pre-stop hook runs. */
export type PreStopping = WithApp & { readonly kind: 'preStopping'; readonly shutdown: Shutdown };
export type Draining = WithApp & {
  readonly kind: 'draining';
  readonly shutdown: Shutdown;
  readonly pauseEndsAt: Milliseconds;
  readonly traffic: Traffic;
};
export type Settling = WithApp & {
  readonly kind: 'settling';
  readonly shutdown: Shutdown;
  /** Why there was no pause before it. */
  readonly skipped: SkipReason | null;
  readonly limitEndsAt: Milliseconds;
  readonly traffic: Traffic;
};
export type Stopping = WithApp & {
  readonly kind: 'stopping';
  readonly shutdown: Shutdown;
  readonly skipped: SkipReason | null;
  readonly waited: Waited;
  readonly graceEndsAt: Milliseconds;
};
export type Killing = WithApp & {
  readonly kind: 'killing';
  readonly shutdown: Shutdown;
  readonly skipped: SkipReason | null;
  readonly waited: Waited;
};

/** The app is gone; what it was, for the words and the exit code. */
export type Ended = {
  readonly exit: Exit;
  readonly cause: ExitCause;
  readonly fault: Fault | null;
  /** The signal and the time that leftovers get. */
  readonly stopSignal: Signal;
  readonly sweepEndsAt: Milliseconds;
  readonly passedOn: PassedOn | null;
  /** What follows: the exit, a restart at once because of a change, or what `--restart` says of an end by itself. */
  readonly next: 'exit' | 'restart' | 'as chosen';
};
export type Inspecting = InLife & { readonly kind: 'inspecting'; readonly ended: Ended };
export type Sweeping = InLife & { readonly kind: 'sweeping'; readonly ended: Ended };
export type Purging = InLife & { readonly kind: 'purging'; readonly ended: Ended; readonly purgeEndsAt: Milliseconds };
/** The app is started again in a while. */
export type BackingOff = InLife & { readonly kind: 'backingOff'; readonly end: End; readonly resumesAt: Milliseconds };
/** All is over, and the post-exit hook runs. */
export type Concluding = InLife & { readonly kind: 'concluding'; readonly end: End };
export type Exited = InLife & { readonly kind: 'exited'; readonly code: number };

export type State =
  | Preparing
  | Aborting
  | Running
  | PreStopping
  | Draining
  | Settling
  | Stopping
  | Killing
  | Inspecting
  | Sweeping
  | Purging
  | BackingOff
  | Concluding
  | Exited;

/**
 * Why it is over: the app exited by itself, a signal that was not k8s-run's ended it, it obeyed the stop signal, it
 * was killed when the grace was over, it could not be started, it was stopped before it was started, what it needs was not
 * there in time, its pre-start hook failed, or k8s-run had a fault.
 */
export type ExitCause =
  | 'exited'
  | 'signalled'
  | 'stopped'
  | 'killed'
  | 'not started'
  | 'stopped before start'
  | 'dependencies missing'
  | 'pre-start failed'
  | 'fault';

/** How a life ended. `refusal`: why the app was not even started, and the exit code that says so. */
export type End = {
  readonly cause: ExitCause;
  readonly exit?: Exit;
  readonly failure?: SpawnFailure;
  readonly refusal?: { readonly code: number; readonly detail: string };
  readonly fault?: Fault | null;
  readonly passedOn?: PassedOn | null;
};

/**
 * What one count of the app's inbound connections gave. `inHand`: busy with a request at this very moment, not only of late;
 * `arrived`: came in since the count before.
 */
export type ConnectionCount =
  | (Connections & { readonly kind: 'counted'; readonly inHand: number; readonly arrived: number })
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

/** What must be done. The supervisor does it; a result comes back as an event. */
export type Effect =
  | { readonly type: 'awaitDependencies' }
  | { readonly type: 'stopAwaiting' }
  | { readonly type: 'runHook'; readonly hook: HookName }
  /** A signal to whatever hook is under way. */
  | { readonly type: 'signalHook'; readonly signal: Signal }
  | { readonly type: 'spawn' }
  | { readonly type: 'passOn'; readonly signal: Signal }
  /** Stop as the app does, so that the shell that started us has its terminal back. */
  | { readonly type: 'suspend' }
  | { readonly type: 'stopApp'; readonly signal: Signal }
  | { readonly type: 'killApp' }
  | { readonly type: 'startProbe'; readonly probe: ProbeName }
  | { readonly type: 'stopProbe'; readonly probe: ProbeName }
  | { readonly type: 'countListeners' }
  /** At once, and then time and again; from a certain time on as often as may be, for a moment is chosen by it. */
  | { readonly type: 'countConnections'; readonly closelyFrom: Milliseconds | null }
  | { readonly type: 'stopCounting' }
  | { readonly type: 'findLeftovers' }
  | { readonly type: 'stopLeftovers'; readonly signal: Signal }
  | { readonly type: 'killLeftovers' }
  | { readonly type: 'wakeAt'; readonly at: Milliseconds }
  | { readonly type: 'say'; readonly notice: Notice }
  | { readonly type: 'exit'; readonly code: number };

/**
 * What a Ctrl-C means. `none`: no terminal. `escalates`: a laptop's terminal, a second press skips the pause, a third
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
  /** How long to wait for connections after the pause; 0: not at all. */
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

export const initialState = (at: Milliseconds): State => ({
  kind: 'preparing',
  stage: 'begin',
  held: [],
  timeline: [{ phase: 'preparing', at }],
  restarts: { total: 0, inRow: 0 },
});

/** The initial values are the kubelet's: pkg/kubelet/prober/worker.go sets liveness to success, the others not. */
export const initialStandings: Standings = {
  startup: { kind: 'pending', reason: 'not asked yet' },
  ready: { kind: 'pending', reason: 'not started yet' },
  live: { kind: 'passing' },
};
