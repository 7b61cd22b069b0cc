import type { ChangeAction, Keyboard } from './policy.ts';
import type {
  Exit,
  ExitCause,
  Fault,
  HookName,
  Leftover,
  Milliseconds,
  PassedOn,
  Phase,
  PostMortemHook,
  Signal,
  SkipReason,
  SpawnFailure,
  StopCause,
  Traffic,
  Waited,
} from './state.ts';

/** Something worth a log line; log/messages.ts has the sentence for each. */
export type Notice =
  | { readonly event: 'starting' }
  | { readonly event: 'spawned'; readonly pid: number }
  | { readonly event: 'started'; readonly afterMs: Milliseconds }
  /** `ports`: those that --ready auto has found open; null: another probe has passed. */
  | { readonly event: 'ready'; readonly afterMs: Milliseconds; readonly ports: readonly number[] | null }
  | { readonly event: 'unready'; readonly reason: string }
  | { readonly event: 'live' }
  | { readonly event: 'unlive'; readonly reason: string }
  | { readonly event: 'signal'; readonly signal: Signal; readonly outcome: SignalOutcome }
  | {
      readonly event: 'terminating';
      /** Whether /readyz fails from now on. */
      readonly readiness: 'fails' | 'is kept';
      readonly cause: StopCause;
      readonly delayMs: Milliseconds;
      /** The delay follows the pre-stop hook, and only if the app listens on anything then. */
      readonly delayIsOpen: boolean;
      readonly preStop: boolean;
      /** What the app was sent at once; null: nothing. */
      readonly drainSignal: Signal | null;
      readonly keyboard: Keyboard;
    }
  | {
      readonly event: 'draining';
      readonly limitMs: Milliseconds;
      readonly traffic: Traffic;
      readonly keyboard: Keyboard;
    }
  | { readonly event: 'uncountable'; readonly reason: string }
  | {
      readonly event: 'stopping';
      readonly cause: StopCause;
      readonly signal: Signal;
      readonly graceMs: Milliseconds;
      readonly skipped: SkipReason | null;
      readonly waited: Waited;
    }
  | { readonly event: 'killing'; readonly why: 'grace over' | 'third Ctrl-C' }
  /** SIGKILL had no effect on the app in time. */
  | { readonly event: 'appRemains' }
  | {
      readonly event: 'leftovers';
      readonly leftovers: readonly Leftover[];
      readonly signal: Signal;
      readonly exit: Exit;
      readonly cause: ExitCause;
    }
  | { readonly event: 'hook'; readonly hook: HookName | PostMortemHook; readonly outcome: HookOutcome }
  | { readonly event: 'changed'; readonly path: string; readonly signal: Signal | null }
  /** After a resize: what is done about it. `signal`: the one that the app is sent, with the action `signal`. */
  | { readonly event: 'settled'; readonly action: ChangeAction['kind']; readonly signal: Signal | null }
  | {
      readonly event: 'restarting';
      readonly cause: ExitCause;
      readonly exit: Exit | null;
      readonly failure: SpawnFailure | null;
      readonly delayMs: Milliseconds;
      readonly count: number;
    }
  | { readonly event: 'killingLeftovers' }
  | { readonly event: 'leftoversRemain' }
  | {
      readonly event: 'exited';
      readonly code: number;
      readonly exit: Exit | null;
      readonly cause: ExitCause;
      readonly failure: SpawnFailure | null;
      /** Why the app was not started. */
      readonly refusal: string | null;
      readonly fault: Fault | null;
      readonly passedOn: Omit<PassedOn, 'at'> | null;
      readonly phases: PhaseDurations;
      /** How often the app was restarted. */
      readonly restarts: number;
    };

export type HookOutcome =
  | { readonly kind: 'runs' }
  /** `account`: what a post-mortem hook has done. */
  | { readonly kind: 'done'; readonly account?: string }
  /** A post-mortem hook has sent its signal, and the app has so long to write. */
  | { readonly kind: 'sent'; readonly account: string; readonly leftMs: Milliseconds }
  | { readonly kind: 'failed'; readonly failure: string };

/** The record of a life: the `exit` effect carries it, and the last log line is made from it. */
export type ExitedNotice = Extract<Notice, { event: 'exited' }>;

/** What was done about a received signal. */
export type SignalOutcome =
  | { readonly kind: 'passed on'; readonly as: Signal }
  | { readonly kind: 'held' }
  | { readonly kind: 'dropped' }
  | { readonly kind: 'from the keyboard' }
  | { readonly kind: 'stops' }
  /** It was sent because the terminal was lost. `stops`: that starts the shutdown. */
  | { readonly kind: 'terminal lost'; readonly stops: boolean }
  | { readonly kind: 'repeated' };

/** How long each phase took. */
export type PhaseDurations = Readonly<Partial<Record<Phase, Milliseconds>>>;
