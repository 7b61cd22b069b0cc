/**
 * The life of one supervised app, as data. Nothing in this folder reads a clock, waits or logs.
 *
 * <!-- diagram: test/unit/lifecycle/transition.test.ts checks it against transition.ts; a name that stands twice is the same state -->
 *
 *   preparing ──spawned──▶ running ──stop signal──▶ preStop ──hook ended──▶ delaying ──delay over──▶ draining ──nothing in flight──▶ stopping ──grace over──▶ beforeKill ──hook ended──▶ killing
 *                             │                        │                       │                        │                               │                        │                        │
 *                             └────────────────────────┴───────────────────────┴─── app gone ────┬──────┴───────────────────────────────┴────────────────────────┴────────────────────────┘
 *                                                                                                ▼
 *                                                                                        findingLeftovers
 *
 *   A phase that is not configured, or that serves no client, is left out:
 *     no pre-stop hook   running ──▶ delaying
 *     no delay           running ──▶ draining      preStop ──▶ draining
 *     no drain           running ──▶ stopping      preStop ──▶ stopping      delaying ──▶ stopping
 *     no before-kill     stopping ──▶ killing
 *
 *   After the app has exited:
 *
 *            ┌─────────────────────── no grace left ────────────────────────┐
 *            │                                                              ▼
 *   findingLeftovers ──found──▶ stoppingLeftovers ──grace over──▶ killingLeftovers
 *            │                          │                                   │
 *            └── none ──────────────────┴── gone ───────────────────────────┴──┬──────────────┬─────────────┬────────────┐
 *                                                                              ▼              ▼             ▼            ▼
 *                                                     restarted at once:   preparing     backingOff      postExit      exited
 *
 *   restarted after the back-off          backingOff ──▶ preparing
 *   the restart failed                    preparing ──▶ backingOff
 *   stop signal in the pre-start hook     preparing ──▶ aborting
 *   post-exit hook ended                  postExit ──▶ exited
 *   SIGKILL without effect                killing ──▶ postExit      killing ──▶ exited
 *   no app, or no restart any more:
 *
 *     preparing    aborting    backingOff
 *         │            │           │
 *         └────────────┴───────────┴──────┬────────────┐
 *                                         ▼            ▼
 *                                     postExit       exited
 */

/** A time on the monotonic clock, or a duration, in milliseconds. */
export type Milliseconds = number;

/** A signal by number, as in signal(7): names have aliases, numbers have none. */
export type Signal = number;

export type ProbeName = 'startup' | 'ready' | 'live';

/**
 * Why a probe does not pass: the app failed it (`failed`) or did not answer in time (`timeout`), the prober itself had an error
 * (`broken`), which says nothing about the app, or no probe has run yet.
 */
export type ProbeFailureCause = 'failed' | 'timeout' | 'broken' | 'not probed';

/**
 * The state of a probe after its thresholds. `pending`: it has not passed yet. `reason`: for people. `ports`: those that the probe
 * has found by itself.
 */
export type Standing =
  | { readonly kind: 'pending'; readonly cause: ProbeFailureCause; readonly reason: string }
  | { readonly kind: 'passing'; readonly ports?: readonly number[] }
  | { readonly kind: 'failing'; readonly cause: ProbeFailureCause; readonly reason: string };

export type Standings = Readonly<Record<ProbeName, Standing>>;

/** How the app exited (wait(2)). */
export type Exit =
  | { readonly kind: 'code'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: Signal };

/** Why the app could not be started. `code`: an errno name such as ENOENT. */
export type SpawnFailure = { readonly code: string; readonly detail: string };

/** A process that outlived the app. */
export type Leftover = {
  /** Negative, as for kill(2), when it stands for a whole process group whose members are not known. */
  readonly pid: number;
  readonly program: string;
  readonly group: number;
  /** Whether k8s-run may signal it. */
  readonly permitted: boolean;
};

/** A fault of k8s-run itself, and the room in which it occurred. */
export type Fault = { readonly room: string; readonly message: string };

/** A command of the user that k8s-run runs at a point of the app's life. */
export type HookName = 'pre-start' | 'pre-stop' | 'post-exit' | 'on-change' | 'on-resize';

/** What the user has done when something goes wrong, to find out why later: a command, or a signal that makes the app write a dump. */
export type PostMortemHook = 'on-unlive' | 'before-kill' | 'on-memory';

/**
 * How a post-mortem hook stands. `runs`: the command runs; `writing`: the app was sent the signal, and has until `endsAt` to write.
 * `account`: what was done, for people.
 */
export type PostMortemStanding = { readonly since: Milliseconds } & (
  | { readonly kind: 'runs'; readonly endsAt: Milliseconds }
  | { readonly kind: 'writing'; readonly endsAt: Milliseconds; readonly account: string }
  | { readonly kind: 'done'; readonly account: string }
  | { readonly kind: 'failed'; readonly failure: string }
);

/** Those that have begun in this life of the app. Each begins once. */
export type PostMortems = Readonly<Partial<Record<PostMortemHook, PostMortemStanding>>>;

/** How a post-mortem hook ended; `sent`: the app writes. */
export type PostMortemResult =
  | { readonly kind: 'done'; readonly account: string }
  | { readonly kind: 'sent'; readonly account: string; readonly signal: Signal }
  | { readonly kind: 'failed'; readonly failure: string };

/** What began a shutdown. `change`: of a watched path, and `resize`: of the container; then the app is stopped only to be restarted. */
export type StopCause =
  | { readonly kind: 'signal'; readonly signal: Signal }
  | { readonly kind: 'change'; readonly path: string }
  | { readonly kind: 'resize' }
  | { readonly kind: 'terminal' }
  | { readonly kind: 'fault'; readonly fault: Fault };

/** Why the delay between failing readiness and signalling the app was skipped or cut short. */
export type SkipReason = 'no delay' | 'never ready' | 'not alive' | 'listens on nothing' | 'second Ctrl-C' | 'fault';

/** Inbound connections of the app at one moment; `busy`: with a request in flight, by the rules of connections/connection.ts. */
export type Connections = { readonly open: number; readonly busy: number };

/** The app's inbound connections during a shutdown, as far as they are known. */
export type Traffic =
  | { readonly kind: 'not counted' }
  | { readonly kind: 'uncountable'; readonly reason: string }
  /** `arrivedAt`: when a new connection last arrived; null: none since counting began. */
  | (Connections & { readonly kind: 'counted'; readonly arrivedAt: Milliseconds | null });

/**
 * How the wait for requests in flight ended, and the traffic then; null: there was no wait. `none busy`: no connection was busy
 * (connections/connection.ts). `none in flight`: shortly before the limit, there was a moment without a request in flight.
 */
export type Waited = { readonly ended: 'none busy' | 'none in flight' | 'limit'; readonly traffic: Traffic } | null;

/** When each phase was entered; the last entry is the current phase. */
export type Timeline = readonly { readonly phase: Phase; readonly at: Milliseconds }[];
export type Phase =
  | 'preparing'
  | 'running'
  | 'preStop'
  | 'delaying'
  | 'draining'
  | 'stopping'
  | 'beforeKill'
  | 'killing'
  | 'leftovers'
  | 'backingOff'
  | 'postExit';

/** Restarts in place. `consecutive`: those since the app last ran for BACK_OFF_RESET_AFTER; each one doubles the next back-off. */
export type Restarts = { readonly total: number; readonly consecutive: number };

/** Why the app was sent a signal that starts no shutdown: k8s-run received it, or by which option. */
export type SignalCause = 'received' | 'drain-signal' | 'on-change' | 'on-resize' | PostMortemHook;

/** A signal that the app was sent without starting a shutdown. */
export type PassedOn = { readonly signal: Signal; readonly at: Milliseconds; readonly cause: SignalCause };

/** The current shutdown. `ctrlCCount` counts Ctrl-C on a terminal; what began the shutdown counts as one. */
export type Shutdown = { readonly cause: StopCause; readonly stopSignal: Signal; readonly ctrlCCount: number };

type InLife = { readonly timeline: Timeline; readonly restarts: Restarts };
export type WithApp = InLife & { readonly standings: Standings; readonly postMortems: PostMortems };

/** The app is not started yet. `stage`: what is done before; `held`: signals to pass on to the app when it runs. */
export type Preparing = InLife & {
  readonly kind: 'preparing';
  readonly stage: 'begin' | 'dependencies' | 'pre-start' | 'spawn';
  readonly held: readonly Signal[];
};
/** A stop signal came while the pre-start hook was running. The hook gets the signal and the grace, as the app would. */
export type Aborting = InLife & { readonly kind: 'aborting'; readonly signal: Signal; readonly killAt: Milliseconds };
export type Running = WithApp & { readonly kind: 'running'; readonly passedOn: PassedOn | null };
/** Readiness has failed, and the pre-stop hook runs. */
export type PreStop = WithApp & { readonly kind: 'preStop'; readonly shutdown: Shutdown };
export type Delaying = WithApp & {
  readonly kind: 'delaying';
  readonly shutdown: Shutdown;
  readonly delayEndsAt: Milliseconds;
  /** Until when `terminating` waits to learn whether the app listens on anything; null: it was said. */
  readonly sayBy: Milliseconds | null;
  readonly traffic: Traffic;
};
export type Draining = WithApp & {
  readonly kind: 'draining';
  readonly shutdown: Shutdown;
  /** Why there was no delay before; null: there was one. */
  readonly skipped: SkipReason | null;
  /**
   * `counting`: the first count decides whether there is anything to wait for, which takes milliseconds, and is neither logged
   * nor a phase. A drain that the user set waits from the beginning.
   */
  readonly stage: 'counting' | 'waiting';
  /** `counting`: until when the first count is waited for; `waiting`: the limit of the drain. */
  readonly deadline: Milliseconds;
  readonly limitEndsAt: Milliseconds;
  readonly graceEndsAt: Milliseconds;
  readonly traffic: Traffic;
};
export type Stopping = WithApp & {
  readonly kind: 'stopping';
  readonly shutdown: Shutdown;
  readonly skipped: SkipReason | null;
  readonly waited: Waited;
  readonly graceEndsAt: Milliseconds;
};
/** The grace is over, and the before-kill hook runs. */
export type BeforeKill = WithApp & {
  readonly kind: 'beforeKill';
  readonly shutdown: Shutdown;
  readonly skipped: SkipReason | null;
  readonly waited: Waited;
  readonly killAt: Milliseconds;
};
export type Killing = WithApp & {
  readonly kind: 'killing';
  readonly shutdown: Shutdown;
  readonly skipped: SkipReason | null;
  readonly waited: Waited;
  /** When the exit no longer waits for an app that SIGKILL does not end. */
  readonly killEndsAt: Milliseconds;
};

/** How the app exited, for the log and the exit code. */
export type AppEnd = {
  readonly exit: Exit;
  readonly cause: ExitCause;
  readonly fault: Fault | null;
  /** The signal that leftovers get, and the end of their grace. */
  readonly stopSignal: Signal;
  readonly leftoverGraceEndsAt: Milliseconds;
  readonly passedOn: PassedOn | null;
  /** What follows: the exit, a restart at once because of a change, or what `--restart` says about an exit by itself. */
  readonly next: 'exit' | 'restart' | 'by restart policy';
};
export type FindingLeftovers = InLife & { readonly kind: 'findingLeftovers'; readonly ended: AppEnd };
export type StoppingLeftovers = InLife & { readonly kind: 'stoppingLeftovers'; readonly ended: AppEnd };
export type KillingLeftovers = InLife & {
  readonly kind: 'killingLeftovers';
  readonly ended: AppEnd;
  readonly killEndsAt: Milliseconds;
};
/** The app will be restarted after the back-off. */
export type BackingOff = InLife & {
  readonly kind: 'backingOff';
  readonly end: EndReason;
  readonly resumesAt: Milliseconds;
};
/** The app and its leftovers are gone, and the post-exit hook runs. */
export type PostExit = InLife & { readonly kind: 'postExit'; readonly end: EndReason };
export type Exited = InLife & { readonly kind: 'exited'; readonly code: number };

export type State =
  | Preparing
  | Aborting
  | Running
  | PreStop
  | Delaying
  | Draining
  | Stopping
  | BeforeKill
  | Killing
  | FindingLeftovers
  | StoppingLeftovers
  | KillingLeftovers
  | BackingOff
  | PostExit
  | Exited;

/**
 * Why the life ended, in the order below: the app exited by itself; a signal that k8s-run did not send ended it; it exited
 * after the stop signal; it was killed at the end of the grace; it could not be started; a stop signal came before it was
 * started; a dependency did not answer in time; the pre-start hook failed; k8s-run had a fault.
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

/** How a life ended. `refusal`: why the app was not started, and the exit code for it. */
export type EndReason = {
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
  restarts: { total: 0, consecutive: 0 },
});

/** The kubelet's initial values: pkg/kubelet/prober/worker.go sets liveness to success, the others not. */
export const initialStandings: Standings = {
  startup: { kind: 'pending', cause: 'not probed', reason: 'not probed yet' },
  ready: { kind: 'pending', cause: 'not probed', reason: 'not started yet' },
  live: { kind: 'passing' },
};
