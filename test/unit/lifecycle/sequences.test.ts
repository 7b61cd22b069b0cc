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
import { transitionsIn } from './diagram.ts';
import { STATES, TERM } from './examples.ts';
import { policies, scenarios } from './scenarios.ts';
import { simulate, type Turn } from './simulation.ts';

const RUNS = 3_000;
const HUP = 1;
const KILL = 9;

/** Simulates many runs of k8s-run and checks a property of each; a failure names the smallest run that breaks it. */
function inEveryRun(name: string, property: (turns: readonly Turn[], policy: Policy) => void): void {
  test(name, () => {
    fc.assert(
      fc.property(scenarios, policies, (scenario, policy) => property(simulate(scenario, policy), policy)),
      { numRuns: RUNS },
    );
  });
}

/** The same for each life of the app, of which a run with restarts has several. */
function inEveryLife(name: string, property: (turns: readonly Turn[], policy: Policy) => void): void {
  inEveryRun(name, (turns, policy) => {
    for (const life of livesOf(turns)) property(life, policy);
  });
}

function livesOf(turns: readonly Turn[]): readonly (readonly Turn[])[] {
  const lives: Turn[][] = [[]];
  for (const turn of turns) {
    // The transition that starts the next life belongs to it.
    if (turn.after.kind === 'preparing' && turn.before.kind !== 'preparing') lives.push([]);
    lives.at(-1)?.push(turn);
  }
  return lives;
}

const hasApp = (state: State): boolean =>
  ['running', 'preStop', 'delaying', 'draining', 'stopping', 'beforeKill', 'killing'].includes(state.kind);
const isShuttingDown = ({ kind }: State): boolean => kind !== 'preparing' && kind !== 'running';
const typesOf = (turns: readonly Turn[]): readonly Effect['type'][] =>
  turns.flatMap(({ effects }) => effects.map(({ type }) => type));

test('the simulated runs pass through every state', () => {
  const sample = fc.sample(fc.tuple(scenarios, policies), { numRuns: 1_000, seed: 1 });
  const kinds = sample.flatMap(([scenario, policy]) => simulate(scenario, policy).map(({ after }) => after.kind));
  assert.deepEqual([...new Set(kinds)].sort(), Object.keys(STATES).sort());
});

const SOURCE = readFileSync(new URL('../../../src/lifecycle/state.ts', import.meta.url), 'utf8');
const DRAWN = transitionsIn(SOURCE.slice(0, SOURCE.indexOf('*/')), Object.keys(STATES));

inEveryRun('each transition is one that the diagram shows', (turns) => {
  for (const { before, after } of turns) {
    if (before.kind !== after.kind) assert.ok(DRAWN.has(`${before.kind} → ${after.kind}`));
  }
});

inEveryRun('every run ends', (turns) => {
  assert.equal(turns.at(-1)?.after.kind, 'exited');
});

inEveryRun('there is exactly one exit effect, and no effect after it', (turns) => {
  const last = turns.findIndex(({ after }) => after.kind === 'exited');
  assert.deepEqual(typesOf(turns.slice(0, last)).includes('exit'), false);
  assert.equal(turns[last]?.effects.at(-1)?.type, 'exit');
  assert.equal(typesOf(turns.slice(last, last + 1)).filter((type) => type === 'exit').length, 1);
  assert.deepEqual(typesOf(turns.slice(last + 1)), []);
});

inEveryLife('an app that is shutting down is never ready again', (turns, policy) => {
  for (const { after: state } of turns.filter(({ after }) => isShuttingDown(after))) {
    const kept = ['preStop', 'delaying', 'draining'].includes(state.kind) && policy.readinessOnDrain === 'keep';
    if (!kept) assert.equal(verdicts(state, policy).ready.kind, 'failed', `ready while ${state.kind}`);
  }
});

inEveryRun('liveness is ok as long as there is an app or will be one', (turns, policy) => {
  const lastSpawn = turns.findLastIndex(({ effects }) => effects.some(({ type }) => type === 'spawn'));
  for (const [index, { after: state }] of turns.entries()) {
    if (state.kind === 'running') continue;
    const { live } = verdicts(state, policy);
    if (hasApp(state) || index <= lastSpawn) assert.equal(live.kind, 'ok', `live while ${state.kind}`);
    if (state.kind === 'postExit' || state.kind === 'exited') assert.equal(live.kind, 'failed');
  }
});

inEveryLife('no state is entered twice in one life', (turns) => {
  const entered = turns.filter(({ before, after }) => before.kind !== after.kind).map(({ after }) => after.kind);
  assert.equal(new Set(entered).size, entered.length);
});

inEveryLife('the app is started, stopped and killed at most once, and not signalled after its exit', (turns) => {
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

inEveryLife('the app is killed only after its stop signal and the grace, or by Ctrl-C', (turns, policy) => {
  const stop = turns.find(({ effects }) => effects.some(({ type }) => type === 'stopApp'));
  const kill = turns.find(({ effects }) => effects.some(({ type }) => type === 'killApp'));
  if (kill === undefined) return;
  assert.ok(stop !== undefined, 'killed without a stop signal before');
  // The wait for requests in flight is a part of the grace.
  const begun = turns.find(({ after }) => after.kind === 'draining') ?? stop;
  if (kill.event.type === 'deadlinePassed' || kill.before.kind === 'beforeKill')
    assert.ok(kill.event.at - begun.event.at >= policy.grace);
  else assert.equal(kill.event.type === 'signalReceived' && policy.keyboard, 'escalates');
});

inEveryLife('a post-mortem hook begins once at most, and is over at its limit', (turns, policy) => {
  const begun = turns.flatMap(({ effects }) =>
    effects.flatMap((effect) => (effect.type === 'runPostMortem' ? [effect.hook] : [])),
  );
  assert.equal(new Set(begun).size, begun.length);
  for (const hook of begun) assert.ok(policy.postMortem.has(hook));
  for (const { event, after } of turns.filter(({ event: { type } }) => type === 'deadlinePassed')) {
    for (const standing of Object.values('postMortems' in after ? after.postMortems : {}))
      assert.ok(!('endsAt' in standing) || standing.endsAt > event.at, `${standing.kind} after its limit`);
    if (after.kind === 'beforeKill') assert.ok(after.killAt > event.at, 'SIGKILL comes after the limit of the hook');
  }
});

inEveryLife('liveness passes while the probe fails only as long as the on-unlive hook works', (turns, policy) => {
  for (const { after: state } of turns) {
    if (state.kind !== 'running' || state.standings.live.kind !== 'failing') continue;
    const kind = state.postMortems['on-unlive']?.kind;
    const isHeld = kind === 'runs' || kind === 'writing';
    assert.equal(verdicts(state, policy).live.kind, isHeld ? 'ok' : 'failed');
  }
});

inEveryLife('the delay is as long as configured, unless it serves no client', (turns, policy) => {
  const delay = turns.find(({ after }) => after.kind === 'delaying');
  const stop = turns.find(
    ({ before, after }) => before.kind === 'delaying' && /^(draining|stopping)$/.test(after.kind),
  );
  if (delay === undefined || stop === undefined) return;
  if (stop.event.type === 'deadlinePassed') assert.ok(stop.event.at - delay.event.at >= policy.shutdownDelay);
  else assert.match(stop.event.type, /listenersCounted|signalReceived|faulted/);
});

inEveryLife('the wait for requests in flight ends at a count that allows it, or at its limit', (turns, policy) => {
  const drain = turns.find(({ after }) => after.kind === 'draining');
  const stop = turns.find(({ before, after }) => before.kind === 'draining' && after.kind === 'stopping');
  if (policy.drainConnections === 0) assert.equal(drain, undefined);
  if (drain === undefined || stop === undefined) return;
  const { event } = stop;
  switch (event.type) {
    case 'deadlinePassed': {
      // By default nothing is waited for before it was counted.
      const isUncounted = stop.before.kind === 'draining' && stop.before.stage === 'counting';
      if (isUncounted) assert.equal(policy.drainConnectionsSource, 'default');
      else assert.ok(event.at - drain.event.at >= policy.drainConnections);
      return;
    }
    case 'connectionsCounted':
      if (policy.drainConnectionsSource === 'default') {
        if (event.count.kind === 'uncountable') return;
        if (!event.count.timed) {
          assert.equal(event.count.certain, 0);
          return;
        }
      }
      assert.ok(event.count.kind === 'counted' && event.count.inFlight === 0);
      // A moment without a request in flight, in the last part of the limit.
      if (event.at >= drain.event.at + policy.drainConnections - gapWindowOf(policy.drainConnections)) return;
      assert.ok(event.count.busy === 0 && event.count.arrived === 0);
      assert.ok(lastArrival(turns, event.at) <= event.at - QUIET_PERIOD, 'no new connection for QUIET_PERIOD');
      return;
    default:
      assert.match(event.type, /signalReceived|faulted/);
  }
});

/** When a new connection last arrived, from the events alone. */
function lastArrival(turns: readonly Turn[], before: number): number {
  const arrivals = turns.flatMap(({ event }) =>
    event.type === 'connectionsCounted' && event.count.kind === 'counted' && event.count.arrived > 0 ? [event.at] : [],
  );
  return Math.max(Number.NEGATIVE_INFINITY, ...arrivals.filter((at) => at <= before));
}

inEveryLife('connections are counted during a shutdown only, and not after the app has exited', (turns) => {
  const types = typesOf(turns);
  const counts = types.lastIndexOf('countConnections');
  if (counts >= 0) assert.ok(types.indexOf('stopCounting', counts) > counts);
});

inEveryRun('a deadline that comes early or late changes nothing', (turns, policy) => {
  for (const { after } of turns) {
    const [next, effects] = transition(after, { type: 'deadlinePassed', at: deadlineOf(after) - 1e-6 }, policy);
    assert.equal(next, after);
    assert.deepEqual(effects, []);
  }
});

/** The next deadline, of the state or of a post-mortem hook; Infinity: there is none. */
function deadlineOf(state: State): number {
  const hooks = Object.values('postMortems' in state ? state.postMortems : {});
  const ends = hooks.map((standing) => ('endsAt' in standing ? standing.endsAt : Number.POSITIVE_INFINITY));
  return Math.min(ownDeadlineOf(state), ...ends);
}

function ownDeadlineOf(state: State): number {
  switch (state.kind) {
    case 'aborting':
      return state.killAt;
    case 'backingOff':
      return state.resumesAt;
    case 'delaying':
      return state.sayBy ?? state.delayEndsAt;
    case 'draining':
      return state.deadline;
    case 'stopping':
      return state.graceEndsAt;
    case 'beforeKill':
      return state.killAt;
    case 'stoppingLeftovers':
      return state.ended.leftoverGraceEndsAt;
    case 'killing':
    case 'killingLeftovers':
      return state.killEndsAt;
    default:
      return Number.POSITIVE_INFINITY;
  }
}

inEveryRun('for every deadline of a state there was a wakeAt effect', (turns) => {
  const wakeTimes = new Set<number>();
  for (const { after, effects } of turns) {
    for (const effect of effects) if (effect.type === 'wakeAt') wakeTimes.add(effect.at);
    if (deadlineOf(after) < Number.POSITIVE_INFINITY) assert.ok(wakeTimes.has(deadlineOf(after)), `of ${after.kind}`);
  }
});

inEveryRun('a repeated SIGTERM changes nothing', (turns, policy) => {
  if (!policy.stopOn.has(TERM)) return;
  for (const { after } of turns.filter((turn) => isShuttingDown(turn.after))) {
    const again = { type: 'signalReceived', signal: TERM, at: 1e6 } as const;
    // The first one may cancel a restart.
    const [stopped] = transition(after, again, policy);
    const [next, effects] = transition(stopped, again, policy);
    assert.deepEqual(next, stopped);
    assert.deepEqual([...new Set(effects.map(({ type }) => type))], stopped.kind === 'exited' ? [] : ['say']);
  }
});

inEveryRun('after a stop signal the app is not started any more', (turns, policy) => {
  const stop = turns.findIndex(({ event }) => event.type === 'signalReceived' && policy.stopOn.has(event.signal));
  if (stop < 0 || (policy.keyboard === 'shared' && turns.some(({ before }) => before.kind === 'running'))) return;
  assert.deepEqual(
    typesOf(turns.slice(stop + 1)).filter((type) => type === 'spawn'),
    [],
  );
});

inEveryRun('restarts follow the policy, with a longer back-off each time', (turns, policy) => {
  const restarts = turns.filter(({ before, after }) => after.kind === 'preparing' && before.kind !== 'preparing');
  if (policy.restart === 'never' && policy.onChange.kind !== 'restart' && policy.onResize?.kind !== 'restart')
    assert.deepEqual(restarts, []);
  for (const { before, event } of restarts) {
    if (before.kind !== 'backingOff') continue;
    const row = before.restarts.consecutive;
    const { at } = before.timeline.at(-1) ?? { at: Number.NaN };
    assert.ok(event.at - at >= Math.min(FIRST_BACK_OFF * 2 ** (row - 1), LONGEST_BACK_OFF));
    if (policy.restartLimit !== null) assert.ok(row <= policy.restartLimit, 'the limit');
    if (policy.restart === 'on-failure') assert.ok(before.end.exit?.kind !== 'code' || before.end.exit.code !== 0);
  }
});

inEveryRun('each hook runs once, at its place', (turns, policy) => {
  const hooks = turns.flatMap(({ effects }) =>
    effects.flatMap((effect) => (effect.type === 'runHook' ? [effect.hook] : [])),
  );
  for (const hook of hooks) {
    if (hook === 'on-change') assert.equal(policy.onChange.kind, 'exec');
    else if (hook === 'on-resize') assert.equal(policy.onResize?.kind, 'exec');
    else assert.ok(policy.hooks.has(hook));
  }
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
  const running = new Set<HookName>();
  for (const { event, effects } of turns) {
    if (event.type === 'hookEnded') running.delete(event.hook);
    for (const effect of effects) {
      if (effect.type === 'runHook') running.add(effect.hook);
      if (effect.type === 'signalHook' && effect.signal === KILL) running.clear();
      if (effect.type === 'exit') assert.deepEqual([...running], []);
    }
  }
});

inEveryRun('the exit code follows from how the run ended', (turns, policy) => {
  const effects = turns.flatMap((turn) => turn.effects);
  const code = effects.find((effect) => effect.type === 'exit')?.record.code;
  assert.equal(code, expectedCode(turns, policy));
});

/** The exit code by the rules of docs/reference.md, from the events alone. */
function expectedCode(turns: readonly Turn[], policy: Policy): number {
  const handled = turns.filter(({ before }) => before.kind !== 'exited');
  if (handled.some(({ event }) => event.type === 'faulted')) return 70;
  let code = Number.NaN;
  for (const { before, event } of handled) {
    const stage = before.kind === 'preparing' ? before.stage : null;
    const ordered = event.type === 'signalReceived' && policy.stopOn.has(event.signal) ? event.signal : null;
    const stops = event.type === 'terminalLost' && policy.terminalLoss === 'stops' ? HUP : ordered;
    if (stops !== null && stage !== null) return policy.remapExit.get(128 + stops) ?? 128 + stops;
    if (event.type === 'dependenciesMissing' && stage === 'dependencies') return 69;
    if (event.type === 'hookEnded' && stage === 'pre-start' && event.failure !== null) return 78;
    if (before.kind === 'killing' && event.type === 'deadlinePassed' && event.at >= before.killEndsAt)
      return policy.remapExit.get(137) ?? 137;
    if (event.type === 'spawnFailed') code = event.failure.code === 'ENOENT' ? 127 : 126;
    if (event.type !== 'childExited') continue;
    const { exit } = event;
    const own = exit.kind === 'code' ? exit.code : 128 + exit.signal;
    code = policy.remapExit.get(own) ?? own;
  }
  return code;
}
