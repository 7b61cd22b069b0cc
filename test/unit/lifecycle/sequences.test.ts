import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { gapWindowOf, QUIET_PERIOD } from '../../../src/lifecycle/draining.ts';
import type { Effect } from '../../../src/lifecycle/effect.ts';
import type { Policy } from '../../../src/lifecycle/policy.ts';
import { FIRST_BACK_OFF, LONGEST_BACK_OFF } from '../../../src/lifecycle/restart.ts';
import type { HookName, State } from '../../../src/lifecycle/state.ts';
import { transition } from '../../../src/lifecycle/transition.ts';
import { verdicts } from '../../../src/lifecycle/verdict.ts';
import { movesIn } from './diagram.ts';
import { STATES, TERM } from './examples.ts';
import { play, type Turn } from './outside.ts';
import { policies, worlds } from './worlds.ts';

const RUNS = 3_000;
const HUP = 1;
const KILL = 9;

/** Plays many runs of k8s-run and checks each; a failure names the smallest one that shows it. */
function inEveryRun(name: string, law: (turns: readonly Turn[], policy: Policy) => void): void {
  test(name, () => {
    fc.assert(
      fc.property(worlds, policies, (world, policy) => law(play(world, policy), policy)),
      { numRuns: RUNS },
    );
  });
}

/** The same for each life of the app: with restarts, a run has several. */
function inEveryLife(name: string, law: (turns: readonly Turn[], policy: Policy) => void): void {
  inEveryRun(name, (turns, policy) => {
    for (const life of livesOf(turns)) law(life, policy);
  });
}

function livesOf(turns: readonly Turn[]): readonly (readonly Turn[])[] {
  const lives: Turn[][] = [[]];
  for (const turn of turns) {
    // The turn that starts the next life is part of it.
    if (turn.after.kind === 'preparing' && turn.before.kind !== 'preparing') lives.push([]);
    lives.at(-1)?.push(turn);
  }
  return lives;
}

const hasApp = (state: State): boolean =>
  ['running', 'preStop', 'delaying', 'draining', 'stopping', 'killing'].includes(state.kind);
const isLeaving = ({ kind }: State): boolean => kind !== 'preparing' && kind !== 'running';
const typesOf = (turns: readonly Turn[]): readonly Effect['type'][] =>
  turns.flatMap(({ effects }) => effects.map(({ type }) => type));

test('the lives that are played pass through every state', () => {
  const sample = fc.sample(fc.tuple(worlds, policies), { numRuns: 1_000, seed: 1 });
  const kinds = sample.flatMap(([world, policy]) => play(world, policy).map(({ after }) => after.kind));
  assert.deepEqual([...new Set(kinds)].sort(), Object.keys(STATES).sort());
});

const SOURCE = readFileSync(new URL('../../../src/lifecycle/state.ts', import.meta.url), 'utf8');
const DRAWN = movesIn(SOURCE.slice(0, SOURCE.indexOf('*/')), Object.keys(STATES));

inEveryRun('each move is one that the diagram shows', (turns) => {
  for (const { before, after } of turns) {
    if (before.kind !== after.kind) assert.ok(DRAWN.has(`${before.kind} → ${after.kind}`));
  }
});

inEveryRun('a run ends', (turns) => {
  assert.equal(turns.at(-1)?.after.kind, 'exited');
});

inEveryRun('there is one exit, it comes last, and nothing is done after it', (turns) => {
  const last = turns.findIndex(({ after }) => after.kind === 'exited');
  assert.deepEqual(typesOf(turns.slice(0, last)).includes('exit'), false);
  assert.equal(turns[last]?.effects.at(-1)?.type, 'exit');
  assert.equal(typesOf(turns.slice(last, last + 1)).filter((type) => type === 'exit').length, 1);
  assert.deepEqual(typesOf(turns.slice(last + 1)), []);
});

inEveryLife('an app that leaves is never ready again', (turns, policy) => {
  for (const { after: state } of turns.filter(({ after }) => isLeaving(after))) {
    const kept = ['preStop', 'delaying', 'draining'].includes(state.kind) && policy.readinessOnDrain === 'keep';
    if (!kept) assert.equal(verdicts(state, policy).ready.kind, 'failed', `ready while ${state.kind}`);
  }
});

inEveryRun('liveness holds until there is no app and none to come', (turns, policy) => {
  const lastSpawn = turns.findLastIndex(({ effects }) => effects.some(({ type }) => type === 'spawn'));
  for (const [index, { after: state }] of turns.entries()) {
    if (state.kind === 'running') continue;
    const { live } = verdicts(state, policy);
    if (hasApp(state) || index <= lastSpawn) assert.equal(live.kind, 'ok', `live while ${state.kind}`);
    if (state.kind === 'postExit' || state.kind === 'exited') assert.equal(live.kind, 'failed');
  }
});

inEveryLife('no state is entered a second time', (turns) => {
  const entered = turns.filter(({ before, after }) => before.kind !== after.kind).map(({ after }) => after.kind);
  assert.equal(new Set(entered).size, entered.length);
});

inEveryLife('the app is started, stopped and killed once at most, and left alone once it is gone', (turns) => {
  const types = typesOf(turns);
  for (const once of ['spawn', 'stopApp', 'killApp', 'findLeftovers', 'countListeners'] as const) {
    assert.ok(types.filter((type) => type === once).length <= 1, `${once} more than once`);
  }
  const gone = turns.findIndex(({ event }) => event.type === 'childExited');
  const afterwards = gone < 0 ? [] : typesOf(turns.slice(gone));
  for (const never of ['passOn', 'stopApp', 'killApp', 'startProbe'] as const) {
    assert.ok(!afterwards.includes(never), `${never} after the app is gone`);
  }
});

inEveryLife('what is killed was stopped before, and the grace was given or cut short by hand', (turns, policy) => {
  const stop = turns.find(({ effects }) => effects.some(({ type }) => type === 'stopApp'));
  const kill = turns.find(({ effects }) => effects.some(({ type }) => type === 'killApp'));
  if (kill === undefined) return;
  assert.ok(stop !== undefined, 'killed without having been told to stop');
  if (kill.event.type === 'deadlinePassed') assert.ok(kill.event.at - stop.event.at >= policy.grace);
  else assert.equal(kill.event.type === 'signalReceived' && policy.keyboard, 'escalates');
});

inEveryLife('the pause lasts its time, unless its reason is gone', (turns, policy) => {
  const drain = turns.find(({ after }) => after.kind === 'delaying');
  const stop = turns.find(
    ({ before, after }) => before.kind === 'delaying' && /^(draining|stopping)$/.test(after.kind),
  );
  if (drain === undefined || stop === undefined) return;
  if (stop.event.type === 'deadlinePassed') assert.ok(stop.event.at - drain.event.at >= policy.shutdownDelay);
  else assert.match(stop.event.type, /listenersCounted|signalReceived|faulted/);
});

inEveryLife('connections are waited for after the pause, to the limit at most', (turns, policy) => {
  const settle = turns.find(({ after }) => after.kind === 'draining');
  const stop = turns.find(({ before, after }) => before.kind === 'draining' && after.kind === 'stopping');
  if (policy.drainConnections === 0) assert.equal(settle, undefined);
  if (settle === undefined || stop === undefined) return;
  const { event } = stop;
  switch (event.type) {
    case 'deadlinePassed':
      assert.ok(event.at - settle.event.at >= policy.drainConnections);
      return;
    case 'connectionsCounted':
      assert.ok(event.count.kind === 'counted' && event.count.inFlight === 0);
      // Between two requests, in the last part of the limit.
      if (event.at >= settle.event.at + policy.drainConnections - gapWindowOf(policy.drainConnections)) return;
      assert.ok(event.count.busy === 0 && event.count.arrived === 0);
      assert.ok(lastArrival(turns, event.at) <= event.at - QUIET_PERIOD, 'nobody new came for a while');
      return;
    default:
      assert.match(event.type, /signalReceived|faulted/);
  }
});

/** When new connections were last seen in the shutdown, by the events alone. */
function lastArrival(turns: readonly Turn[], before: number): number {
  const arrivals = turns.flatMap(({ event }) =>
    event.type === 'connectionsCounted' && event.count.kind === 'counted' && event.count.arrived > 0 ? [event.at] : [],
  );
  return Math.max(Number.NEGATIVE_INFINITY, ...arrivals.filter((at) => at <= before));
}

inEveryLife(
  'nobody counts connections for nothing, or goes on when the app has its signal or is gone',
  (turns, policy) => {
    const types = typesOf(turns);
    const counts = types.lastIndexOf('countConnections');
    if (policy.drainConnections === 0) assert.equal(counts, -1);
    if (counts >= 0) assert.ok(types.indexOf('stopCounting', counts) > counts);
  },
);

inEveryRun('a deadline that comes early or late changes nothing', (turns, policy) => {
  for (const { after } of turns) {
    const [next, effects] = transition(after, { type: 'deadlinePassed', at: deadlineOf(after) - 1e-6 }, policy);
    assert.equal(next, after);
    assert.deepEqual(effects, []);
  }
});

/** Until when a deadline means nothing in this state; for ever, where none was set. */
function deadlineOf(state: State): number {
  switch (state.kind) {
    case 'aborting':
      return state.killAt;
    case 'backingOff':
      return state.resumesAt;
    case 'delaying':
      return state.delayEndsAt;
    case 'draining':
      return state.limitEndsAt;
    case 'stopping':
      return state.graceEndsAt;
    case 'stoppingLeftovers':
      return state.ended.leftoverGraceEndsAt;
    case 'killingLeftovers':
      return state.killEndsAt;
    default:
      return Number.POSITIVE_INFINITY;
  }
}

inEveryRun('every deadline that a state has was asked for', (turns) => {
  const asked = new Set<number>();
  for (const { after, effects } of turns) {
    for (const effect of effects) if (effect.type === 'wakeAt') asked.add(effect.at);
    if (deadlineOf(after) < Number.POSITIVE_INFINITY) assert.ok(asked.has(deadlineOf(after)), `of ${after.kind}`);
  }
});

inEveryRun('a SIGTERM that comes again changes nothing', (turns, policy) => {
  if (!policy.stopOn.has(TERM)) return;
  for (const { after } of turns.filter((turn) => isLeaving(turn.after))) {
    const again = { type: 'signalReceived', signal: TERM, at: 1e6 } as const;
    // The first may end what would have been a restart.
    const [stopped] = transition(after, again, policy);
    const [next, effects] = transition(stopped, again, policy);
    assert.deepEqual(next, stopped);
    assert.deepEqual([...new Set(effects.map(({ type }) => type))], stopped.kind === 'exited' ? [] : ['say']);
  }
});

inEveryRun('after a stop signal nothing is started any more', (turns, policy) => {
  const stop = turns.findIndex(({ event }) => event.type === 'signalReceived' && policy.stopOn.has(event.signal));
  if (stop < 0 || (policy.keyboard === 'shared' && turns.some(({ before }) => before.kind === 'running'))) return;
  assert.deepEqual(
    typesOf(turns.slice(stop + 1)).filter((type) => type === 'spawn'),
    [],
  );
});

inEveryRun('restarts keep to their policy, and wait longer each time', (turns, policy) => {
  const restarts = turns.filter(({ before, after }) => after.kind === 'preparing' && before.kind !== 'preparing');
  if (policy.restart === 'never' && policy.onChange.kind !== 'restart') assert.deepEqual(restarts, []);
  for (const { before, event } of restarts) {
    if (before.kind !== 'backingOff') continue;
    const row = before.restarts.consecutive;
    const { at } = before.timeline.at(-1) ?? { at: Number.NaN };
    assert.ok(event.at - at >= Math.min(FIRST_BACK_OFF * 2 ** (row - 1), LONGEST_BACK_OFF));
    if (policy.restartLimit !== null) assert.ok(row <= policy.restartLimit, 'the limit');
    if (policy.restart === 'on-failure') assert.ok(before.end.exit?.kind !== 'code' || before.end.exit.code !== 0);
  }
});

inEveryRun('hooks run in their place, once', (turns, policy) => {
  const hooks = turns.flatMap(({ effects }) =>
    effects.flatMap((effect) => (effect.type === 'runHook' ? [effect.hook] : [])),
  );
  for (const hook of hooks) assert.ok(hook === 'on-change' ? policy.onChange.kind === 'exec' : policy.hooks.has(hook));
  for (const once of ['pre-start', 'post-exit'] as const) {
    assert.ok(hooks.filter((hook) => hook === once).length <= 1, once);
  }
  const types = typesOf(turns);
  const ran = (hook: HookName): number =>
    turns.findIndex(({ effects }) => effects.some((effect) => effect.type === 'runHook' && effect.hook === hook));
  const did = (type: Effect['type']): number =>
    turns.findIndex(({ effects }) => effects.some((each) => each.type === type));
  if (types.includes('spawn') && policy.hooks.has('pre-start'))
    assert.ok(ran('pre-start') >= 0 && ran('pre-start') < did('spawn'));
  if (ran('pre-stop') >= 0 && did('stopApp') >= 0) assert.ok(ran('pre-stop') < did('stopApp'));
  const faulted = turns.some(({ event }) => event.type === 'faulted');
  if (policy.hooks.has('post-exit') && !faulted) assert.equal(hooks.at(-1), 'post-exit');
});

inEveryRun('no hook outlives k8s-run', (turns) => {
  const underWay = new Set<HookName>();
  for (const { event, effects } of turns) {
    if (event.type === 'hookEnded') underWay.delete(event.hook);
    for (const effect of effects) {
      if (effect.type === 'runHook') underWay.add(effect.hook);
      if (effect.type === 'signalHook' && effect.signal === KILL) underWay.clear();
      if (effect.type === 'exit') assert.deepEqual([...underWay], []);
    }
  }
});

inEveryRun('the exit code follows from how it ended', (turns, policy) => {
  const effects = turns.flatMap((turn) => turn.effects);
  const code = effects.find((effect) => effect.type === 'exit')?.record.code;
  assert.equal(code, lawfulCode(turns, policy));
});

/** The contract's law of exit codes, written down a second time, from the events alone. */
function lawfulCode(turns: readonly Turn[], policy: Policy): number {
  const heard = turns.filter(({ before }) => before.kind !== 'exited');
  if (heard.some(({ event }) => event.type === 'faulted')) return 70;
  let code = Number.NaN;
  for (const { before, event } of heard) {
    const stage = before.kind === 'preparing' ? before.stage : null;
    const ordered = event.type === 'signalReceived' && policy.stopOn.has(event.signal) ? event.signal : null;
    const stops = event.type === 'terminalLost' && policy.terminalLoss === 'stops' ? HUP : ordered;
    if (stops !== null && stage !== null) return policy.remapExit.get(128 + stops) ?? 128 + stops;
    if (event.type === 'dependenciesMissing' && stage === 'dependencies') return 69;
    if (event.type === 'hookEnded' && stage === 'pre-start' && event.failure !== null) return 78;
    if (event.type === 'spawnFailed') code = event.failure.code === 'ENOENT' ? 127 : 126;
    if (event.type !== 'childExited') continue;
    const { exit } = event;
    const own = exit.kind === 'code' ? exit.code : 128 + exit.signal;
    code = policy.remapExit.get(own) ?? own;
  }
  return code;
}
