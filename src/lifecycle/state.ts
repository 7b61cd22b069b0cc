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

/** Milliseconds on the monotonic clock, or a length of time in milliseconds. */
export type Milliseconds = number;

/** A signal by number, as in signal(7): names have aliases, numbers have none. */
export type Signal = number;

export type ProbeName = 'startup' | 'ready' | 'live';

/**
 * Why a probe does not pass: the app answered otherwise (`failed`) or not in time (`timeout`), the prober itself had an error
 * (`broken`), which says nothing of the app, or it was not probed yet.
 */
export type ProbeFailureCause = 'failed' | 'timeout' | 'broken' | 'not probed';

/** The result of a probe once its thresholds are applied. `pending`: it has not passed yet. `reason` is for people. */
export type Standing =
  | { readonly kind: 'pending'; readonly cause: ProbeFailureCause; readonly reason: string }
  | { readonly kind: 'passing' }
  | { readonly kind: 'failing'; readonly cause: ProbeFailureCause; readonly reason: string };

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

/** Inbound connections of the app at one moment; `busy` is what connections/counter.ts takes for a request in hand. */
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

export const initialState = (at: Milliseconds): State => ({
  kind: 'preparing',
  stage: 'begin',
  held: [],
  timeline: [{ phase: 'preparing', at }],
  restarts: { total: 0, inRow: 0 },
});

/** The initial values are the kubelet's: pkg/kubelet/prober/worker.go sets liveness to success, the others not. */
export const initialStandings: Standings = {
  startup: { kind: 'pending', cause: 'not probed', reason: 'not probed yet' },
  ready: { kind: 'pending', cause: 'not probed', reason: 'not started yet' },
  live: { kind: 'passing' },
};
