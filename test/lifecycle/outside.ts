import {
  type Effect,
  type Event,
  type Exit,
  initialState,
  type Policy,
  type State,
} from '../../src/lifecycle/state.ts';
import { transition } from '../../src/lifecycle/transition.ts';
import { KILL, TERM } from './examples.ts';

type Happening = Event extends infer E ? (E extends Event ? Omit<E, 'at'> : never) : never;

/** What the machine is set against: how this app, its leftovers and the clock behave, and what comes in unasked. */
export type World = {
  readonly spawn: 'runs' | 'ENOENT' | 'EACCES';
  /** How long after its stop signal the app exits, and how; null: it ignores it. */
  readonly obeysAfter: number | null;
  readonly exit: Exit;
  /** How long after its start it exits unasked; null: never. */
  readonly exitsAfter: number | null;
  readonly listeners: number | 'unknown';
  readonly leftovers: number;
  readonly leftoversObey: boolean;
  /** SIGKILL always ends the app; what it left behind may be stuck in the kernel. */
  readonly leftoversDie: boolean;
  /** How late the clock rings; it never rings early. */
  readonly lateness: number;
  readonly happenings: readonly { readonly at: number; readonly what: Unasked }[];
};
export type Unasked = Extract<
  Happening,
  { type: 'signalReceived' | 'terminalLost' | 'standingChanged' | 'deadlinePassed' | 'faulted' }
>;

/** One turn of the machine. */
export type Turn = {
  readonly event: Event;
  readonly before: State;
  readonly after: State;
  readonly effects: readonly Effect[];
};

/** How long any answer of the outside takes; it matters only that other things may come between. */
const SOON = 3;
/** When the outside makes an end of it, if nothing else did. */
const CURTAIN = 500_000;
const TOO_MANY_TURNS = 1_000;

/** Plays one life: performs the effects as the rooms would, and feeds back what comes of them, in the order of time. */
export function play(world: World, policy: Policy): readonly Turn[] {
  const agenda: Event[] = [];
  const turns: Turn[] = [];
  const asked = new Set<string>();
  let state = initialState(0);
  let now = 0;
  let app: 'none' | 'runs' | 'gone' = 'none';

  const later = (delay: number, happening: Happening): void => {
    agenda.push({ ...happening, at: now + delay } as Event);
  };

  const perform = (effect: Effect): void => {
    switch (effect.type) {
      case 'spawn':
        if (world.spawn !== 'runs') later(SOON, { type: 'spawnFailed', failure: { code: world.spawn, detail: 'no' } });
        else later(0, { type: 'spawned', pid: 7 });
        return;
      case 'stopApp':
        if (world.obeysAfter !== null) later(world.obeysAfter, { type: 'childExited', exit: world.exit });
        return;
      case 'killApp':
        later(SOON, { type: 'childExited', exit: { kind: 'signal', signal: KILL } });
        return;
      case 'countListeners':
        later(SOON, { type: 'listenersCounted', count: world.listeners });
        return;
      case 'findLeftovers': {
        const leftovers = Array.from({ length: world.leftovers }, (_, pid) => ({ pid, group: 1, program: 'x' }));
        later(SOON, { type: 'leftoversFound', leftovers });
        return;
      }
      case 'stopLeftovers':
        if (world.leftoversObey) later(SOON, { type: 'leftoversGone' });
        return;
      case 'killLeftovers':
        if (world.leftoversDie) later(SOON, { type: 'leftoversGone' });
        return;
      case 'wakeAt':
        later(effect.at - now + world.lateness, { type: 'deadlinePassed' });
        return;
      case 'startProbe':
        asked.add(effect.probe);
        return;
      case 'passOn':
      case 'suspend':
      case 'stopProbe':
      case 'say':
      case 'exit':
        return;
    }
  };

  /** Whether it can happen at all: an app exits once, and only one that runs; nothing is heard of a probe never asked. */
  const canHappen = (event: Event): boolean => {
    if (event.type === 'childExited') return app === 'runs';
    return event.type !== 'standingChanged' || asked.has(event.probe);
  };

  for (const { at, what } of world.happenings) later(at, what);
  later(0, { type: 'begun' });
  // A life that nobody ends has no end: a stop signal, if there is one that always counts, or the app by itself.
  if (policy.stopOn.has(TERM)) later(CURTAIN, { type: 'signalReceived', signal: TERM });
  else later(CURTAIN, { type: 'childExited', exit: world.exit });

  while (agenda.length > 0) {
    agenda.sort((a, b) => a.at - b.at);
    const event = agenda.shift();
    if (event === undefined || !canHappen(event)) continue;
    now = event.at;
    if (event.type === 'childExited') app = 'gone';
    if (event.type === 'spawned') {
      app = 'runs';
      if (world.exitsAfter !== null) later(world.exitsAfter, { type: 'childExited', exit: world.exit });
    }
    const [after, effects] = transition(state, event, policy);
    turns.push({ event, before: state, after, effects });
    if (turns.length > TOO_MANY_TURNS) throw new Error('this life does not end');
    state = after;
    for (const effect of effects) perform(effect);
  }
  return turns;
}
