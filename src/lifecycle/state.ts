/**
 * The life of one supervised app, as data. Nothing in this folder reads a clock, waits or logs.
 *
 * <!-- diagram: checked against transition.ts by test/lifecycle/transition.test.ts -->
 *
 *                             ┌────────────────── no pause ───────────────────┐
 *                             │                                               ▼
 *   preparing ──spawned──▶ running ──stop signal──▶ draining ──pause over──▶ stopping ──grace over──▶ killing
 *       │                     │                        │                        │                        │
 *       │                     └────────────────────────┴─── app gone ───┬───────┴────────────────────────┘
 *       │                                                               │
 *       │                                                               │  ┌─────────────── no time left ───────────────┐
 *       │                                                               ▼  │                                            ▼
 *       │                                                            inspecting ──leftovers──▶ sweeping ──time over──▶ purging
 *       │                                                               │ none                    │ gone                 │ gone, or
 *       │                                                               ▼                         │                      │ time over
 *       └── spawn failed, or stop signal ───────────────────────────▶ exited ◀────────────────────┴──────────────────────┘
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

/** What began a shutdown. */
export type StopCause =
  | { readonly kind: 'signal'; readonly signal: Signal }
  | { readonly kind: 'terminal' }
  | { readonly kind: 'fault'; readonly fault: Fault };

/** Why the pause between failing readiness and signalling the app was left out, or cut short. */
export type SkipReason = 'no delay' | 'never ready' | 'not alive' | 'listens on nothing' | 'second Ctrl-C' | 'fault';

/** When each phase was entered; the last entry is the phase that the state is in. */
export type Timeline = readonly { readonly phase: Phase; readonly at: Milliseconds }[];
export type Phase = 'preparing' | 'running' | 'draining' | 'stopping' | 'killing' | 'sweeping';

/** A signal that was handed to the app without starting a shutdown. */
export type PassedOn = { readonly signal: Signal; readonly at: Milliseconds };

/** A shutdown that is under way. `presses` counts Ctrl-C on a terminal; the first request counts as one. */
export type Shutdown = { readonly cause: StopCause; readonly stopSignal: Signal; readonly presses: number };

type InLife = { readonly timeline: Timeline };
type WithApp = InLife & { readonly standings: Standings };

export type Preparing = InLife & { readonly kind: 'preparing'; readonly held: readonly Signal[] };
export type Running = WithApp & { readonly kind: 'running'; readonly passedOn: PassedOn | null };
export type Draining = WithApp & {
  readonly kind: 'draining';
  readonly shutdown: Shutdown;
  readonly pauseEndsAt: Milliseconds;
};
export type Stopping = WithApp & {
  readonly kind: 'stopping';
  readonly shutdown: Shutdown;
  readonly graceEndsAt: Milliseconds;
};
export type Killing = WithApp & { readonly kind: 'killing'; readonly shutdown: Shutdown };

/** The app is gone; what it was, for the words and the exit code. */
export type Ended = {
  readonly exit: Exit;
  readonly cause: ExitCause;
  readonly fault: Fault | null;
  /** The signal and the time that leftovers get. */
  readonly stopSignal: Signal;
  readonly sweepEndsAt: Milliseconds;
  readonly passedOn: PassedOn | null;
};
export type Inspecting = InLife & { readonly kind: 'inspecting'; readonly ended: Ended };
export type Sweeping = InLife & { readonly kind: 'sweeping'; readonly ended: Ended };
export type Purging = InLife & { readonly kind: 'purging'; readonly ended: Ended; readonly purgeEndsAt: Milliseconds };
export type Exited = InLife & { readonly kind: 'exited'; readonly code: number };

export type State = Preparing | Running | Draining | Stopping | Killing | Inspecting | Sweeping | Purging | Exited;

/**
 * Why it is over: the app exited by itself, a signal that was not k8s-run's ended it, it obeyed the stop signal, it
 * was killed when the grace was over, it could not be started, it was stopped before it was started, or k8s-run had a fault.
 */
export type ExitCause =
  | 'exited'
  | 'signalled'
  | 'stopped'
  | 'killed'
  | 'not started'
  | 'stopped before start'
  | 'fault';

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
  | { readonly type: 'deadlinePassed' }
  | { readonly type: 'childExited'; readonly exit: Exit }
  | { readonly type: 'leftoversFound'; readonly leftovers: readonly Leftover[] }
  | { readonly type: 'leftoversGone' }
  | { readonly type: 'faulted'; readonly fault: Fault }
);

/** What must be done. The supervisor does it; a result comes back as an event. */
export type Effect =
  | { readonly type: 'spawn' }
  | { readonly type: 'passOn'; readonly signal: Signal }
  /** Stop as the app does, so that the shell that started us has its terminal back. */
  | { readonly type: 'suspend' }
  | { readonly type: 'stopApp'; readonly signal: Signal }
  | { readonly type: 'killApp' }
  | { readonly type: 'startProbe'; readonly probe: ProbeName }
  | { readonly type: 'stopProbe'; readonly probe: ProbeName }
  | { readonly type: 'countListeners' }
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
};

export const initialState = (at: Milliseconds): State => ({
  kind: 'preparing',
  held: [],
  timeline: [{ phase: 'preparing', at }],
});

/** The initial values are the kubelet's: pkg/kubelet/prober/worker.go sets liveness to success, the others not. */
export const initialStandings: Standings = {
  startup: { kind: 'pending', reason: 'not asked yet' },
  ready: { kind: 'pending', reason: 'not started yet' },
  live: { kind: 'passing' },
};
