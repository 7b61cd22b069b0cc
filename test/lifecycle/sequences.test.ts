import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Effect, Policy, State } from '../../src/lifecycle/state.ts';
import { transition } from '../../src/lifecycle/transition.ts';
import { verdicts } from '../../src/lifecycle/verdict.ts';
import { movesIn } from './diagram.ts';
import { STATES, TERM } from './examples.ts';
import { play, type Turn } from './outside.ts';
import { policies, worlds } from './worlds.ts';

const LIVES = 3_000;

/** Plays many lives and checks each; a failure names the smallest life that shows it. */
function inEveryLife(name: string, law: (turns: readonly Turn[], policy: Policy) => void): void {
  test(name, () => {
    fc.assert(
      fc.property(worlds, policies, (world, policy) => law(play(world, policy), policy)),
      { numRuns: LIVES },
    );
  });
}

const hasApp = (state: State): boolean => ['running', 'draining', 'stopping', 'killing'].includes(state.kind);
const isLeaving = ({ kind }: State): boolean => kind !== 'preparing' && kind !== 'running';
const typesOf = (turns: readonly Turn[]): readonly Effect['type'][] =>
  turns.flatMap(({ effects }) => effects.map(({ type }) => type));

test('the lives that are played pass through every state', () => {
  const sample = fc.sample(fc.tuple(worlds, policies), { numRuns: 1_000, seed: 1 });
  const kinds = sample.flatMap(([world, policy]) => play(world, policy).map(({ after }) => after.kind));
  assert.equal(new Set(kinds).size, 9);
});

const SOURCE = readFileSync(new URL('../../src/lifecycle/state.ts', import.meta.url), 'utf8');
const DRAWN = movesIn(SOURCE.slice(0, SOURCE.indexOf('*/')), Object.keys(STATES));

inEveryLife('each move is one that the diagram shows', (turns) => {
  for (const { before, after } of turns) {
    if (before.kind !== after.kind) assert.ok(DRAWN.has(`${before.kind} → ${after.kind}`));
  }
});

inEveryLife('a life ends', (turns) => {
  assert.equal(turns.at(-1)?.after.kind, 'exited');
});

inEveryLife('there is one exit, it comes last, and nothing is done after it', (turns) => {
  const last = turns.findIndex(({ after }) => after.kind === 'exited');
  assert.deepEqual(typesOf(turns.slice(0, last)).includes('exit'), false);
  assert.equal(turns[last]?.effects.at(-1)?.type, 'exit');
  assert.equal(typesOf(turns.slice(last, last + 1)).filter((type) => type === 'exit').length, 1);
  assert.deepEqual(typesOf(turns.slice(last + 1)), []);
});

inEveryLife('an app that leaves is never ready again, and alive until it is gone', (turns, policy) => {
  const leaving = turns.map(({ after }) => after).filter(isLeaving);
  for (const state of leaving) {
    const { ready, live } = verdicts(state, policy);
    const kept = state.kind === 'draining' && policy.readinessOnDrain === 'keep';
    if (!kept) assert.equal(ready.kind, 'failed', `ready while ${state.kind}`);
    assert.equal(live.kind, hasApp(state) ? 'ok' : 'failed', `live while ${state.kind}`);
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
  const drain = turns.find(({ after }) => after.kind === 'draining');
  const stop = turns.find(({ before, after }) => before.kind === 'draining' && after.kind === 'stopping');
  if (drain === undefined || stop === undefined) return;
  if (stop.event.type === 'deadlinePassed') assert.ok(stop.event.at - drain.event.at >= policy.shutdownDelay);
  else assert.match(stop.event.type, /listenersCounted|signalReceived|faulted/);
});

inEveryLife('a deadline that comes early or late changes nothing', (turns, policy) => {
  for (const { after } of turns) {
    const [next, effects] = transition(after, { type: 'deadlinePassed', at: deadlineOf(after) - 1e-6 }, policy);
    assert.equal(next, after);
    assert.deepEqual(effects, []);
  }
});

/** Until when a deadline means nothing in this state; for ever, where none was set. */
function deadlineOf(state: State): number {
  switch (state.kind) {
    case 'draining':
      return state.pauseEndsAt;
    case 'stopping':
      return state.graceEndsAt;
    case 'sweeping':
      return state.ended.sweepEndsAt;
    case 'purging':
      return state.purgeEndsAt;
    default:
      return Number.POSITIVE_INFINITY;
  }
}

inEveryLife('every deadline that a state has was asked for', (turns) => {
  const asked = new Set<number>();
  for (const { after, effects } of turns) {
    for (const effect of effects) if (effect.type === 'wakeAt') asked.add(effect.at);
    if (deadlineOf(after) < Number.POSITIVE_INFINITY) assert.ok(asked.has(deadlineOf(after)), `of ${after.kind}`);
  }
});

inEveryLife('a SIGTERM that comes again changes nothing', (turns, policy) => {
  if (!policy.stopOn.has(TERM)) return;
  for (const { after } of turns.filter((turn) => isLeaving(turn.after))) {
    const [next, effects] = transition(after, { type: 'signalReceived', signal: TERM, at: 1e6 }, policy);
    assert.deepEqual(next, after);
    assert.deepEqual([...new Set(effects.map(({ type }) => type))], after.kind === 'exited' ? [] : ['say']);
  }
});

inEveryLife('the exit code follows from how it ended', (turns, policy) => {
  const effects = turns.flatMap((turn) => turn.effects);
  const code = effects.find((effect) => effect.type === 'exit')?.code;
  assert.equal(code, lawfulCode(turns, policy));
});

/** The contract's law of exit codes, written down a second time, from the events alone. */
function lawfulCode(turns: readonly Turn[], policy: Policy): number {
  const events = turns.filter(({ before }) => before.kind !== 'exited').map(({ event }) => event);
  if (events.some(({ type }) => type === 'faulted')) return 70;
  for (const event of events) {
    if (event.type === 'spawnFailed') return event.failure.code === 'ENOENT' ? 127 : 126;
    if (event.type !== 'childExited') continue;
    const { exit } = event;
    const own = exit.kind === 'code' ? exit.code : 128 + exit.signal;
    return policy.remapExit.get(own) ?? own;
  }
  const last = events.at(-1);
  assert.ok(last?.type === 'signalReceived' || last?.type === 'terminalLost', 'stopped before it was started');
  return policy.remapExit.get(128 + last.signal) ?? 128 + last.signal;
}
