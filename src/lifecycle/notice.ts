import type {
  Exit,
  ExitCause,
  Fault,
  Keyboard,
  Leftover,
  Milliseconds,
  Phase,
  Signal,
  SkipReason,
  SpawnFailure,
  StopCause,
} from './state.ts';

/** Something worth a log line; log/words.ts has the sentence for each. */
export type Notice =
  | { readonly event: 'starting' }
  | { readonly event: 'spawned'; readonly pid: number }
  | { readonly event: 'started'; readonly afterMs: Milliseconds }
  | { readonly event: 'ready'; readonly afterMs: Milliseconds }
  | { readonly event: 'unready'; readonly reason: string }
  | { readonly event: 'live' }
  | { readonly event: 'unlive'; readonly reason: string }
  | { readonly event: 'signal'; readonly signal: Signal; readonly outcome: SignalOutcome }
  | {
      readonly event: 'draining';
      readonly cause: StopCause;
      readonly pauseMs: Milliseconds;
      readonly keyboard: Keyboard;
    }
  | {
      readonly event: 'stopping';
      readonly cause: StopCause;
      readonly signal: Signal;
      readonly graceMs: Milliseconds;
      readonly skipped: SkipReason | null;
    }
  | { readonly event: 'killing'; readonly why: 'grace over' | 'third Ctrl-C' }
  | {
      readonly event: 'leftovers';
      readonly leftovers: readonly Leftover[];
      readonly signal: Signal;
      readonly exit: Exit;
      readonly cause: ExitCause;
    }
  | { readonly event: 'purging' }
  | { readonly event: 'outlived' }
  | {
      readonly event: 'exited';
      readonly code: number;
      readonly exit: Exit | null;
      readonly cause: ExitCause;
      readonly failure: SpawnFailure | null;
      readonly fault: Fault | null;
      readonly passedOn: Signal | null;
      readonly phases: Phases;
    };

/** What became of a received signal: passed on (as which), dropped, or its part in the shutdown. */
export type SignalOutcome =
  | { readonly kind: 'passed on'; readonly as: Signal }
  | { readonly kind: 'held' }
  | { readonly kind: 'dropped' }
  | { readonly kind: 'from the keyboard' }
  | { readonly kind: 'stops' }
  /** It told of the lost terminal, and ordered nothing. */
  | { readonly kind: 'terminal lost'; readonly stops: boolean }
  | { readonly kind: 'repeated' };

/** How long each phase took. */
export type Phases = Readonly<Partial<Record<Phase, Milliseconds>>>;
