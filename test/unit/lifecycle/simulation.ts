import type { Effect } from '../../../src/lifecycle/effect.ts';
import type { ConnectionCount, Event, UntimedEvent } from '../../../src/lifecycle/event.ts';
import type { Policy } from '../../../src/lifecycle/policy.ts';
import {
  type Exit,
  type HookName,
  initialState,
  type PostMortemResult,
  type State,
} from '../../../src/lifecycle/state.ts';
import { transition } from '../../../src/lifecycle/transition.ts';
import { KILL, TERM } from './examples.ts';

/** How the app, its leftovers, its hooks and the clock behave, and which external events come. */
export type Scenario = {
  readonly spawn: 'runs' | 'ENOENT' | 'EACCES';
  /** Milliseconds from the stop signal to the exit; null: the app ignores it. */
  readonly stopsAfter: number | null;
  readonly exit: Exit;
  /** Milliseconds from the start to an exit by itself; null: never. */
  readonly exitsAfter: number | null;
  readonly listeners: number | 'unknown';
  /** The results of the counts of connections, one after the other; no more counts come after them. */
  readonly traffic: readonly ConnectionCount[];
  readonly leftovers: number;
  readonly leftoversStop: boolean;
  /** Whether SIGKILL ends the leftovers. It always ends the app, but a leftover may hang in the kernel. */
  readonly leftoversDie: boolean;
  /** Whether SIGKILL ends the app. */
  readonly dies: boolean;
  /** Milliseconds until the dependencies answer; null: not in time. */
  readonly dependencies: number | null;
  /** How long each hook takes, and whether it fails. */
  readonly hook: { readonly takes: number; readonly fails: boolean };
  /** How each post-mortem hook ends; `hangs`: it does not. */
  readonly postMortem: PostMortemResult['kind'] | 'hangs';
  /** Whether a post-mortem hook ends the app. */
  readonly dumpEndsApp: boolean;
  /** Milliseconds by which each timer is late; none is early. */
  readonly lateness: number;
  readonly external: readonly { readonly at: number; readonly what: ExternalEvent }[];
};
export type ExternalEvent = Extract<
  UntimedEvent,
  {
    type:
      | 'signalReceived'
      | 'terminalLost'
      | 'standingChanged'
      | 'deadlinePassed'
      | 'mountChanged'
      | 'resizeSettled'
      | 'memoryHigh'
      | 'faulted';
  }
>;

/** One transition of the state machine. */
export type Turn = {
  readonly event: Event;
  readonly before: State;
  readonly after: State;
  readonly effects: readonly Effect[];
};

/** Milliseconds until the result of an effect comes. It only matters that other events may come before it. */
const SOON = 3;
/** Milliseconds between two counts of connections. */
const COUNT_EVERY = 100;
/** When the simulation ends the life, if nothing else has. */
const FORCED_END = 500_000;
const TOO_MANY_TURNS = 3_000;
/** When `--wait-timeout` is over. */
const WAIT_LIMIT = 60_000;

/** Simulates one run: performs the effects as the rooms would, and posts their results, in the order of time. */
export function simulate(scenario: Scenario, policy: Policy): readonly Turn[] {
  const queue: Event[] = [];
  const turns: Turn[] = [];
  const startedProbes = new Set<string>();
  const counts = new Set<Event>();
  let state = initialState(0);
  let now = 0;
  let app: 'none' | 'runs' | 'gone' = 'none';
  /** The spawn that an event belongs to: events of an earlier app do not apply to this one. */
  let spawns = 0;
  const spawnOf = new Map<Event, number>();
  const runningHooks = new Map<HookName, Event>();

  const schedule = (delay: number, event: UntimedEvent): void => {
    queue.push({ ...event, at: now + delay } as Event);
  };

  const scheduleForApp = (delay: number, event: UntimedEvent): void => {
    const timed = { ...event, at: now + delay } as Event;
    spawnOf.set(timed, spawns);
    queue.push(timed);
  };

  /** Counts that are due at once still come. */
  const stopCounting = (): void => {
    for (const count of counts) if (count.at > now + SOON) counts.delete(count);
  };

  const perform = (effect: Effect): void => {
    switch (effect.type) {
      case 'awaitDependencies': {
        const { dependencies: after } = scenario;
        if (after === null) schedule(WAIT_LIMIT, { type: 'dependenciesMissing', detail: 'tcp://db:5432' });
        else schedule(after, { type: 'dependenciesMet' });
        return;
      }
      case 'runHook': {
        const failure = scenario.hook.fails ? 'it exited with 1' : null;
        const event: Event = { type: 'hookEnded', hook: effect.hook, failure, at: now + scenario.hook.takes };
        runningHooks.set(effect.hook, event);
        queue.push(event);
        return;
      }
      case 'runPostMortem': {
        const { hook } = effect;
        const kind = scenario.postMortem;
        const signal = TERM;
        if (kind === 'failed') schedule(SOON, { type: 'postMortemEnded', hook, result: { kind, failure: 'no' } });
        else if (kind !== 'hangs')
          schedule(SOON, { type: 'postMortemEnded', hook, result: { kind, signal, account: 'yes' } });
        if (scenario.dumpEndsApp) scheduleForApp(2 * SOON, { type: 'childExited', exit: scenario.exit });
        return;
      }
      case 'endPostMortem':
        for (const event of queue.filter(({ type }) => type === 'postMortemEnded'))
          if (event.type === 'postMortemEnded' && event.hook === effect.hook) queue.splice(queue.indexOf(event), 1);
        return;
      case 'passOnOnceCaught':
        scheduleForApp(SOON, { ...effect, type: 'signalSent' });
        return;
      case 'signalHook':
        for (const [hook, event] of runningHooks) {
          if (event.at <= now + SOON) continue;
          queue.splice(queue.indexOf(event), 1);
          const ended: Event = { type: 'hookEnded', hook, failure: 'it was killed', at: now + SOON };
          runningHooks.set(hook, ended);
          queue.push(ended);
        }
        return;
      case 'spawn':
        spawns += 1;
        if (scenario.spawn !== 'runs')
          schedule(SOON, { type: 'spawnFailed', failure: { code: scenario.spawn, detail: 'no' } });
        else schedule(0, { type: 'spawned', pid: 7 });
        return;
      case 'stopApp':
        if (scenario.stopsAfter !== null)
          scheduleForApp(scenario.stopsAfter, { type: 'childExited', exit: scenario.exit });
        return;
      case 'killApp':
        if (scenario.dies) scheduleForApp(SOON, { type: 'childExited', exit: { kind: 'signal', signal: KILL } });
        return;
      case 'countListeners':
        schedule(SOON, { type: 'listenersCounted', count: scenario.listeners });
        return;
      case 'findLeftovers': {
        const leftovers = Array.from({ length: scenario.leftovers }, (_, pid) => ({
          pid,
          group: 1,
          program: 'x',
          permitted: true,
        }));
        scheduleForApp(SOON, { type: 'leftoversFound', leftovers });
        return;
      }
      case 'stopLeftovers':
        if (scenario.leftoversStop) scheduleForApp(SOON, { type: 'leftoversGone' });
        return;
      case 'killLeftovers':
        if (scenario.leftoversDie) scheduleForApp(SOON, { type: 'leftoversGone' });
        return;
      case 'wakeAt':
        schedule(effect.at - now + scenario.lateness, { type: 'deadlinePassed' });
        return;
      case 'startProbe':
        startedProbes.add(effect.probe);
        return;
      case 'countConnections':
        stopCounting();
        for (const [index, count] of scenario.traffic.entries()) {
          const counted: Event = { type: 'connectionsCounted', count, at: now + SOON + index * COUNT_EVERY };
          counts.add(counted);
          queue.push(counted);
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

  /** Whether the event is possible: an app exits once, and only while it runs; a probe has a standing only after its start. */
  const canHappen = (event: Event): boolean => {
    if ((spawnOf.get(event) ?? spawns) !== spawns) return false;
    if (event.type === 'childExited') return app === 'runs';
    if (event.type === 'connectionsCounted') return counts.has(event);
    return event.type !== 'standingChanged' || startedProbes.has(event.probe);
  };

  for (const { at, what } of scenario.external) schedule(at, what);
  schedule(0, { type: 'begun' });
  // Every run must end: by a stop signal if TERM is one, else by a fault or by the exit of the app.
  if (policy.stopOn.has(TERM)) schedule(FORCED_END, { type: 'signalReceived', signal: TERM });
  else if (policy.restart !== 'never')
    schedule(FORCED_END, { type: 'faulted', fault: { room: 'process', message: 'forced end' } });
  else schedule(FORCED_END, { type: 'childExited', exit: scenario.exit });

  while (queue.length > 0) {
    queue.sort((a, b) => a.at - b.at);
    const event = queue.shift();
    if (event === undefined || !canHappen(event)) continue;
    now = event.at;
    if (event.type === 'childExited') app = 'gone';
    if (event.type === 'hookEnded') runningHooks.delete(event.hook);
    if (event.type === 'spawned') {
      app = 'runs';
      if (scenario.exitsAfter !== null)
        scheduleForApp(scenario.exitsAfter, { type: 'childExited', exit: scenario.exit });
    }
    const [after, effects] = transition(state, event, policy);
    turns.push({ event, before: state, after, effects });
    if (turns.length > TOO_MANY_TURNS) throw new Error('this run does not end');
    state = after;
    for (const effect of effects) perform(effect);
  }
  return turns;
}
