import type { Effect } from './effect.ts';
import type { Event } from './event.ts';
import type { Notice } from './notice.ts';
import type { Policy } from './policy.ts';
import type { Milliseconds, Phase, Signal, State, Timeline } from './state.ts';

export const SIGINT: Signal = 2;
const SIGQUIT: Signal = 3;
export const SIGKILL: Signal = 9;
export const SIGTERM: Signal = 15;
const SIGCONT: Signal = 18;
const SIGTSTP: Signal = 20;
const SIGTTIN: Signal = 21;
const SIGTTOU: Signal = 22;
const SIGWINCH: Signal = 28;
/** Signals that the terminal sends to the whole foreground group: termios(3) ISIG, and tty_ioctl(4) on a resize. */
export const FROM_KEYBOARD: ReadonlySet<Signal> = new Set([SIGINT, SIGQUIT, SIGTSTP, SIGWINCH]);
/** Signals that stop a process by default and can be caught: signal(7). */
const SUSPENDING: ReadonlySet<Signal> = new Set([SIGTSTP, SIGTTIN, SIGTTOU]);

/** Signals of job control, which no app takes for a stop signal. */
export const JOB_CONTROL: ReadonlySet<Signal> = new Set([...SUSPENDING, SIGCONT]);

/** The state that an event leads to, and the effects, in order. */
export type Step<S extends State = State> = readonly [S, readonly Effect[]];

export function say(notice: Notice): Effect {
  return { type: 'say', notice };
}

export function enter(state: State, phase: Phase, at: Milliseconds): Timeline {
  return [...state.timeline, { phase, at }];
}

export function enteredAt(state: State, phase: Phase, otherwise: Milliseconds = Number.NaN): Milliseconds {
  return state.timeline.find((entry) => entry.phase === phase)?.at ?? otherwise;
}

export function late<S extends State>(state: S): Step<S> {
  return [state, []];
}

export function noteSignal<S extends State>(
  state: S,
  signal: Signal,
  kind: 'from the keyboard' | 'repeated' | 'dropped',
): Step<S> {
  const suspend: readonly Effect[] =
    kind === 'from the keyboard' && SUSPENDING.has(signal) ? [{ type: 'suspend' }] : [];
  return [state, [say({ event: 'signal', signal, outcome: { kind } }), ...suspend]];
}

export function passOn(signal: Signal, policy: Policy): readonly Effect[] {
  const as = policy.rewrite.get(signal) ?? signal;
  if (as === 0) return [say({ event: 'signal', signal, outcome: { kind: 'dropped' } })];
  const suspend: readonly Effect[] = SUSPENDING.has(as) ? [{ type: 'suspend' }] : [];
  return [
    { type: 'passOn', signal: as },
    say({ event: 'signal', signal, outcome: { kind: 'passed on', as } }),
    ...suspend,
  ];
}

/** That a signal which was held before the start has been passed on. */
export function sayPassedOn({ signal, received }: Event & { type: 'signalSent' }): readonly Effect[] {
  return received === null
    ? []
    : [say({ event: 'signal', signal: received, outcome: { kind: 'passed on', as: signal } })];
}

export function fromKeyboard(signal: Signal, policy: Policy): boolean {
  return policy.keyboard === 'shared' && FROM_KEYBOARD.has(signal);
}

/** The notice when the loss of the terminal begins the shutdown. */
export function stoppedByTerminalLoss(signal: Signal): Effect {
  return say({ event: 'signal', signal, outcome: { kind: 'terminal lost', stops: true } });
}

/** When the loss of the terminal begins no shutdown: one is under way, or the terminal was not used. */
export function noteTerminalLoss<S extends State>(state: S, signal: Signal): Step<S> {
  return [state, [say({ event: 'signal', signal, outcome: { kind: 'terminal lost', stops: false } })]];
}

/** Events that may come after the state that they were meant for, and then change nothing. */
type LateEvent = Event & {
  readonly type:
    | 'dependenciesMet'
    | 'dependenciesMissing'
    | 'postMortemEnded'
    | 'signalSent'
    | 'memoryHigh'
    | 'mountChanged'
    | 'resizeSettled'
    | 'standingChanged'
    | 'listenersCounted'
    | 'connectionsCounted'
    | 'deadlinePassed'
    | 'leftoversGone';
};
/** Immediate results of effects, so they come only in the state that has the effect. */
type EffectResult = Event & { readonly type: 'begun' | 'spawned' | 'spawnFailed' | 'leftoversFound' };

/** For the events that a state does not handle: late, or impossible. Any other event does not compile here. */
export function otherwise<S extends State>(state: S, event: LateEvent | EffectResult): Step<S> {
  switch (event.type) {
    case 'begun':
    case 'spawned':
    case 'spawnFailed':
    case 'leftoversFound':
      return impossible(state, event);
    case 'signalSent':
      return [state, sayPassedOn(event)];
    default:
      return late(state);
  }
}

export function impossible(state: State, event: Event): never {
  throw new Error(`internal error: ${event.type} while ${state.kind}`);
}

export function unreachable(value: never): never {
  throw new Error(`internal error: unforeseen ${JSON.stringify(value)}`);
}
