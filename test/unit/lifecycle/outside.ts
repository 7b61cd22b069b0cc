import type { Effect } from '../../../src/lifecycle/effect.ts';
import type { ConnectionCount, Event } from '../../../src/lifecycle/event.ts';
import type { Policy } from '../../../src/lifecycle/policy.ts';
import { type Exit, type HookName, initialState, type State } from '../../../src/lifecycle/state.ts';
import { transition } from '../../../src/lifecycle/transition.ts';
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
  /** What one count of connections after the other gives; then no more comes. */
  readonly traffic: readonly ConnectionCount[];
  readonly leftovers: number;
  readonly leftoversObey: boolean;
  /** SIGKILL always ends the app; what it left behind may be stuck in the kernel. */
  readonly leftoversDie: boolean;
  /** How long until what is waited for answers; null: not in time. */
  readonly dependencies: number | null;
  /** How long each hook takes, and how it ends. */
  readonly hook: { readonly takes: number; readonly fails: boolean };
  /** How late the clock rings; it never rings early. */
  readonly lateness: number;
  readonly happenings: readonly { readonly at: number; readonly what: Unasked }[];
};
export type Unasked = Extract<
  Happening,
  { type: 'signalReceived' | 'terminalLost' | 'standingChanged' | 'deadlinePassed' | 'mountChanged' | 'faulted' }
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
/** Between two counts of connections. */
const COUNT_EVERY = 100;
/** When the outside makes an end of it, if nothing else did. */
const CURTAIN = 500_000;
const TOO_MANY_TURNS = 3_000;
/** When --wait-timeout is over. */
const WAIT_LIMIT = 60_000;

/** Plays one life: performs the effects as the rooms would, and feeds back what comes of them, in the order of time. */
export function play(world: World, policy: Policy): readonly Turn[] {
  const agenda: Event[] = [];
  const turns: Turn[] = [];
  const asked = new Set<string>();
  const counts = new Set<Event>();
  let state = initialState(0);
  let now = 0;
  let app: 'none' | 'runs' | 'gone' = 'none';
  /** What the outside has to say of the app of an earlier start is not about this one. */
  let spawns = 0;
  const aboutSpawn = new Map<Event, number>();
  const hooksUnderWay = new Map<HookName, Event>();

  const later = (delay: number, happening: Happening): void => {
    agenda.push({ ...happening, at: now + delay } as Event);
  };

  const ofThisApp = (delay: number, happening: Happening): void => {
    const event = { ...happening, at: now + delay } as Event;
    aboutSpawn.set(event, spawns);
    agenda.push(event);
  };

  /** What is on its way is not called back. */
  const stopCounting = (): void => {
    for (const count of counts) if (count.at > now + SOON) counts.delete(count);
  };

  const perform = (effect: Effect): void => {
    switch (effect.type) {
      case 'awaitDependencies': {
        const { dependencies: after } = world;
        if (after === null) later(WAIT_LIMIT, { type: 'dependenciesMissing', detail: 'tcp://db:5432' });
        else later(after, { type: 'dependenciesMet' });
        return;
      }
      case 'runHook': {
        const failure = world.hook.fails ? 'it exited with 1' : null;
        const event: Event = { type: 'hookEnded', hook: effect.hook, failure, at: now + world.hook.takes };
        hooksUnderWay.set(effect.hook, event);
        agenda.push(event);
        return;
      }
      case 'signalHook':
        for (const [hook, event] of hooksUnderWay) {
          if (event.at <= now + SOON) continue;
          agenda.splice(agenda.indexOf(event), 1);
          const ended: Event = { type: 'hookEnded', hook, failure: 'it was killed', at: now + SOON };
          hooksUnderWay.set(hook, ended);
          agenda.push(ended);
        }
        return;
      case 'spawn':
        spawns += 1;
        if (world.spawn !== 'runs') later(SOON, { type: 'spawnFailed', failure: { code: world.spawn, detail: 'no' } });
        else later(0, { type: 'spawned', pid: 7 });
        return;
      case 'stopApp':
        if (world.obeysAfter !== null) ofThisApp(world.obeysAfter, { type: 'childExited', exit: world.exit });
        return;
      case 'killApp':
        ofThisApp(SOON, { type: 'childExited', exit: { kind: 'signal', signal: KILL } });
        return;
      case 'countListeners':
        later(SOON, { type: 'listenersCounted', count: world.listeners });
        return;
      case 'findLeftovers': {
        const leftovers = Array.from({ length: world.leftovers }, (_, pid) => ({ pid, group: 1, program: 'x' }));
        ofThisApp(SOON, { type: 'leftoversFound', leftovers });
        return;
      }
      case 'stopLeftovers':
        if (world.leftoversObey) ofThisApp(SOON, { type: 'leftoversGone' });
        return;
      case 'killLeftovers':
        if (world.leftoversDie) ofThisApp(SOON, { type: 'leftoversGone' });
        return;
      case 'wakeAt':
        later(effect.at - now + world.lateness, { type: 'deadlinePassed' });
        return;
      case 'startProbe':
        asked.add(effect.probe);
        return;
      case 'countConnections':
        stopCounting();
        for (const [index, count] of world.traffic.entries()) {
          const counted: Event = { type: 'connectionsCounted', count, at: now + SOON + index * COUNT_EVERY };
          counts.add(counted);
          agenda.push(counted);
        }
        return;
      case 'stopCounting':
        stopCounting();
        return;
      case 'stopAwaiting':
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
    if ((aboutSpawn.get(event) ?? spawns) !== spawns) return false;
    if (event.type === 'childExited') return app === 'runs';
    if (event.type === 'connectionsCounted') return counts.has(event);
    return event.type !== 'standingChanged' || asked.has(event.probe);
  };

  for (const { at, what } of world.happenings) later(at, what);
  later(0, { type: 'begun' });
  // A life that nobody ends has no end: a stop signal, if there is one that always counts, or the app by itself.
  if (policy.stopOn.has(TERM)) later(CURTAIN, { type: 'signalReceived', signal: TERM });
  else if (policy.restart !== 'never')
    later(CURTAIN, { type: 'faulted', fault: { room: 'process', message: 'curtain' } });
  else later(CURTAIN, { type: 'childExited', exit: world.exit });

  while (agenda.length > 0) {
    agenda.sort((a, b) => a.at - b.at);
    const event = agenda.shift();
    if (event === undefined || !canHappen(event)) continue;
    now = event.at;
    if (event.type === 'childExited') app = 'gone';
    if (event.type === 'hookEnded') hooksUnderWay.delete(event.hook);
    if (event.type === 'spawned') {
      app = 'runs';
      if (world.exitsAfter !== null) ofThisApp(world.exitsAfter, { type: 'childExited', exit: world.exit });
    }
    const [after, effects] = transition(state, event, policy);
    turns.push({ event, before: state, after, effects });
    if (turns.length > TOO_MANY_TURNS) throw new Error('this life does not end');
    state = after;
    for (const effect of effects) perform(effect);
  }
  return turns;
}
