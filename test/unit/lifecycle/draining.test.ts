import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gapWindowOf, QUIET_PERIOD } from '../../../src/lifecycle/draining.ts';
import type { Effect } from '../../../src/lifecycle/effect.ts';
import type { ConnectionCount, Event } from '../../../src/lifecycle/event.ts';
import type { Policy } from '../../../src/lifecycle/policy.ts';
import type { Running, State } from '../../../src/lifecycle/state.ts';
import { transition } from '../../../src/lifecycle/transition.ts';
import { HEALTHY, INT, policyWith, TERM } from './examples.ts';

const POLICY = policyWith({ drainConnections: 10_000 });
const serving: Running = {
  kind: 'running',
  standings: HEALTHY,
  postMortems: {},
  passedOn: null,
  timeline: [{ phase: 'running', at: 0 }],
  restarts: { total: 0, consecutive: 0 },
};
const term: Event = { type: 'signalReceived', signal: TERM, at: 0 };
const deadline = (at: number): Event => ({ type: 'deadlinePassed', at });
const count = (
  at: number,
  busy: number,
  others: { arrived?: number; open?: number; inFlight?: number } = {},
): Event => ({
  type: 'connectionsCounted',
  count: { kind: 'counted', open: busy, busy, inFlight: busy, arrived: 0, timed: true, certain: busy, ...others },
  at,
});
const uncountable = (at: number): Event => {
  const none: ConnectionCount = { kind: 'uncountable', reason: 'it may not be read' };
  return { type: 'connectionsCounted', count: none, at };
};

function after(policy: Policy, ...events: readonly Event[]): { state: State; effects: readonly Effect[] } {
  let state: State = serving;
  const effects = events.flatMap((event) => {
    const [next, more] = transition(state, event, policy);
    state = next;
    return more;
  });
  return { state, effects };
}
const kindAfter = (policy: Policy, ...events: readonly Event[]): string => after(policy, ...events).state.kind;

test('without --drain-connections there is no wait, and connections are counted only to say what the end of the app has cut', () => {
  const { state, effects } = after(policyWith(), term, deadline(5_000));
  assert.equal(state.kind, 'stopping');
  const counts = effects.filter(({ type }) => type === 'countConnections');
  assert.deepEqual(
    counts.map((effect) => 'signalled' in effect && effect.signalled),
    [false, true],
  );
  const uncountable = { kind: 'uncountable', reason: 'no' } as const;
  const told = after(policyWith(), term, { type: 'connectionsCounted', count: uncountable, at: 10 }).effects;
  assert.ok(!told.some((effect) => effect.type === 'say' && effect.notice.event === 'uncountable'));
});

test('connections are counted from the beginning of the delay, and again at its end, which decides', () => {
  const { state, effects } = after(POLICY, term, count(10, 0), deadline(5_000));
  assert.equal(state.kind, 'draining');
  assert.equal(effects.filter(({ type }) => type === 'countConnections').length, 2);
  assert.equal(kindAfter(POLICY, term, count(10, 0), deadline(5_000), count(5_001, 0)), 'stopping');
});

test('the wait ends when no connection is busy, and the notice counts the idle ones', () => {
  const { state, effects } = after(
    POLICY,
    term,
    deadline(5_000),
    count(5_001, 2),
    count(5_100, 1),
    count(5_200, 0, { open: 3 }),
  );
  assert.equal(state.kind, 'stopping');
  const words = effects.flatMap((effect) =>
    effect.type === 'say' && effect.notice.event === 'stopping' ? [effect.notice.waited] : [],
  );
  const traffic = { kind: 'counted', open: 3, busy: 0, arrivedAt: null };
  assert.deepEqual(words, [{ ended: 'none busy', traffic }]);
});

test('the wait goes on until no new connection has come for QUIET_PERIOD', () => {
  const late = [term, count(10, 0), count(4_900, 0, { arrived: 1 }), deadline(5_000)];
  assert.equal(kindAfter(POLICY, ...late, count(5_001, 0)), 'draining');
  assert.equal(kindAfter(POLICY, ...late, count(4_900 + QUIET_PERIOD - 1, 0)), 'draining');
  assert.equal(kindAfter(POLICY, ...late, count(4_900 + QUIET_PERIOD, 0)), 'stopping');
  assert.equal(kindAfter(POLICY, ...late, count(5_500, 0, { arrived: 1 }), count(4_900 + QUIET_PERIOD, 0)), 'draining');
});

test('the wait lasts until its limit while connections are busy, arrive, or cannot be counted', () => {
  for (const event of [count(14_999, 1), count(13_999, 0, { arrived: 1 }), uncountable(14_999)]) {
    assert.equal(kindAfter(POLICY, term, deadline(5_000), event, deadline(14_999)), 'draining');
    assert.equal(kindAfter(POLICY, term, deadline(5_000), event, deadline(15_000)), 'stopping');
  }
});

test('shortly before the limit the signal is sent at a moment without a request in flight', () => {
  const waiting = [term, deadline(5_000), count(5_001, 3)];
  const choiceAt = 15_000 - gapWindowOf(10_000);
  const between = (at: number, arrived = 0): Event => count(at, 3, { arrived, inFlight: 0 });
  assert.equal(kindAfter(POLICY, ...waiting, between(choiceAt - 1)), 'draining');
  assert.equal(kindAfter(POLICY, ...waiting, count(choiceAt, 3)), 'draining');
  assert.equal(kindAfter(POLICY, ...waiting, uncountable(choiceAt)), 'draining');
  const { state } = after(POLICY, ...waiting, count(choiceAt, 3), between(choiceAt + 20, 1));
  assert.ok(state.kind === 'stopping' && state.waited?.ended === 'none in flight');
  // New connections do not prolong the wait there, because at the limit they would be cut too.
  assert.equal(kindAfter(POLICY, ...waiting, between(14_999, 2)), 'stopping');
});

test('a moment without a request in flight is used in the last tenth of the limit, at most in its last second', () => {
  const shortestIntervalFrom = (limit: number): readonly unknown[] =>
    after(policyWith({ drainConnections: limit }), term, deadline(5_000)).effects.flatMap((effect) =>
      effect.type === 'countConnections' ? [effect.shortestIntervalFrom] : [],
    );
  assert.deepEqual(shortestIntervalFrom(10_000), [null, 14_000]);
  assert.deepEqual(shortestIntervalFrom(60_000), [null, 64_000]);
  assert.deepEqual(shortestIntervalFrom(2_000), [null, 6_800]);
});

test('a notice says once that connections cannot be counted', () => {
  const { effects } = after(POLICY, term, uncountable(10), uncountable(1_010), count(2_010, 0), uncountable(3_010));
  const said = effects.filter((effect) => effect.type === 'say' && effect.notice.event === 'uncountable');
  assert.equal(said.length, 2);
});

test('with a delay of 0 the wait begins at once; when the delay is skipped for another reason, so is the wait', () => {
  const now = policyWith({ shutdownDelay: 0, drainConnections: 10_000 });
  assert.equal(kindAfter(now, term), 'draining');
  const { state } = after(now, term, count(1, 0));
  assert.ok(state.kind === 'stopping' && state.skipped === 'no delay');
  const hanging: State = {
    ...serving,
    standings: { ...HEALTHY, live: { kind: 'failing', cause: 'failed', reason: 'it hangs' } },
  };
  const pending: State = {
    ...serving,
    standings: { ...HEALTHY, ready: { kind: 'pending', cause: 'failed', reason: 'not yet' } },
  };
  const unfit: readonly State[] = [hanging, pending];
  const kinds = [POLICY, now].flatMap((policy) => unfit.map((each) => transition(each, term, policy)[0].kind));
  assert.deepEqual(kinds, ['stopping', 'stopping', 'stopping', 'stopping']);
  assert.equal(kindAfter(POLICY, term, { type: 'listenersCounted', count: 0, at: 5 }), 'stopping');
});

test('a second Ctrl-C ends the wait, as it ends the delay; a repeated TERM does not', () => {
  const policy = policyWith({ keyboard: 'escalates', drainConnections: 10_000 });
  const again = (signal: number): Event => ({ type: 'signalReceived', signal, at: 6_000 });
  const waiting = [term, deadline(5_000), count(5_001, 1)];
  assert.equal(kindAfter(policy, ...waiting, again(TERM)), 'draining');
  const { state } = after(policy, ...waiting, again(INT));
  assert.ok(state.kind === 'stopping' && state.skipped === 'second Ctrl-C' && state.waited === null);
});

test('the exit of the app and a fault end the wait', () => {
  const waiting = [term, deadline(5_000), count(5_001, 1)];
  const gone: Event = { type: 'childExited', exit: { kind: 'code', code: 3 }, at: 6_000 };
  assert.equal(kindAfter(POLICY, ...waiting, gone), 'findingLeftovers');
  const fault: Event = { type: 'faulted', fault: { room: 'process', message: 'it broke' }, at: 6_000 };
  assert.equal(kindAfter(POLICY, ...waiting, fault), 'stopping');
});

const BY_DEFAULT = policyWith({ drainConnections: 10_000, drainConnectionsSource: 'default' });
const noticesOf = (effects: readonly Effect[]): readonly string[] =>
  effects.flatMap((effect) => (effect.type === 'say' ? [effect.notice.event] : []));
const phasesOf = (state: State): readonly string[] => state.timeline.map(({ phase }) => phase);

test('by default a count without requests in flight sends the signal at once, without a line in the log or a phase', () => {
  const { state, effects } = after(BY_DEFAULT, term, count(10, 0), deadline(5_000), count(5_004, 0, { open: 3 }));
  assert.ok(state.kind === 'stopping' && state.waited === null);
  assert.deepEqual(noticesOf(effects), ['signal', 'terminating', 'stopping']);
  assert.deepEqual(phasesOf(state), ['running', 'delaying', 'stopping']);
});

test('by default a count with requests in flight begins the wait, which is logged and a phase', () => {
  const begun = [term, count(10, 0), deadline(5_000), count(5_004, 1)];
  const { state, effects } = after(BY_DEFAULT, ...begun);
  assert.ok(state.kind === 'draining' && state.stage === 'waiting' && state.limitEndsAt === 15_000);
  assert.deepEqual(noticesOf(effects), ['signal', 'terminating', 'draining']);
  assert.deepEqual(phasesOf(state), ['running', 'delaying', 'draining']);
  const ended = after(BY_DEFAULT, ...begun, count(8_000, 0, { open: 1 })).state;
  assert.ok(ended.kind === 'stopping' && ended.waited?.ended === 'none busy');
});

test('the grace begins with the drain, and the app has what is left of it', () => {
  const graceEnds = (policy: Policy, ...events: readonly Event[]): number => {
    const { state } = after(policy, term, deadline(5_000), ...events);
    return state.kind === 'stopping' ? state.graceEndsAt : 0;
  };
  for (const policy of [POLICY, BY_DEFAULT]) {
    assert.equal(graceEnds(policy, count(5_001, 1), count(8_000, 0)), 25_000);
    assert.equal(graceEnds(policy, count(5_001, 1), deadline(15_000)), 25_000);
  }
  assert.equal(graceEnds(POLICY, count(5_001, 0)), 25_000);
  // The first count itself is not a wait, and the app has its whole grace.
  assert.equal(graceEnds(BY_DEFAULT, count(5_001, 0)), 25_001);
  assert.equal(graceEnds(BY_DEFAULT, deadline(6_000)), 25_000);
  assert.equal(graceEnds(policyWith()), 25_000);
});

test('by default the app is signalled when there is no first count within a second, or connections cannot be counted', () => {
  const begun = [term, deadline(5_000)];
  assert.equal(kindAfter(BY_DEFAULT, ...begun, deadline(5_999)), 'draining');
  assert.equal(kindAfter(BY_DEFAULT, ...begun, deadline(6_000)), 'stopping');
  const { state, effects } = after(BY_DEFAULT, ...begun, uncountable(5_010));
  assert.equal(state.kind, 'stopping');
  assert.ok(!noticesOf(effects).includes('uncountable'));
});

test("without the kernel's times the default waits only for what is certain, and a drain that was set for all", () => {
  const untimed = (at: number, certain: number): Event => ({
    type: 'connectionsCounted',
    count: { kind: 'counted', open: 3, busy: 3, inFlight: 3, arrived: 0, timed: false, certain },
    at,
  });
  const begun = [term, deadline(5_000)];
  assert.equal(kindAfter(BY_DEFAULT, ...begun, untimed(5_010, 0)), 'stopping');
  assert.equal(kindAfter(BY_DEFAULT, ...begun, untimed(5_010, 1)), 'draining');
  assert.equal(kindAfter(BY_DEFAULT, ...begun, untimed(5_010, 1), untimed(5_110, 0)), 'stopping');
  assert.equal(kindAfter(POLICY, ...begun, untimed(5_010, 0)), 'draining');
});

test('by default connections that arrive while none is busy hold the signal for two seconds at most', () => {
  const begun = [term, count(10, 0), deadline(5_000), count(5_004, 0, { arrived: 1 })];
  const next = (at: number): Event => count(at, 0, { arrived: 1 });
  assert.equal(kindAfter(BY_DEFAULT, ...begun, next(6_900)), 'draining');
  assert.equal(kindAfter(BY_DEFAULT, ...begun, next(6_900), next(7_000)), 'stopping');
  assert.equal(kindAfter(BY_DEFAULT, ...begun, count(7_000, 1)), 'draining');
  assert.equal(kindAfter(POLICY, ...begun, next(7_000)), 'draining');
});

test('when the app exits during the drain, its leftovers have the rest of the grace', () => {
  const gone = (at: number): Event => ({ type: 'childExited', exit: { kind: 'code', code: 3 }, at });
  const graceOf = (...events: readonly Event[]): unknown => {
    const { state } = after(BY_DEFAULT, term, ...events);
    return state.kind === 'findingLeftovers' ? state.ended.leftoverGraceEndsAt : state.kind;
  };
  assert.equal(graceOf(deadline(5_000), count(5_004, 1), gone(12_000)), 25_000);
  assert.equal(graceOf(gone(1_000)), 21_000);
});

test('the first count of a short drain lasts no longer than the drain', () => {
  const short = policyWith({ drainConnections: 300, drainConnectionsSource: 'default', grace: 1_300 });
  assert.equal(kindAfter(short, term, deadline(5_000), deadline(5_299)), 'draining');
  const { state } = after(short, term, deadline(5_000), deadline(5_300));
  assert.ok(state.kind === 'stopping' && state.graceEndsAt === 6_300);
});
