import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Effect } from '../../../src/lifecycle/effect.ts';
import type { Event } from '../../../src/lifecycle/event.ts';
import type { Policy } from '../../../src/lifecycle/policy.ts';
import {
  initialStandings,
  type Signal,
  type SkipReason,
  type Standings,
  type State,
} from '../../../src/lifecycle/state.ts';
import { transition } from '../../../src/lifecycle/transition.ts';
import { HEALTHY, HUP, INT, POLICIES, policyWith, QUIT, STATES, TERM, USR1, WINCH } from './examples.ts';

const runningWith = (standings: Standings): State => ({
  kind: 'running',
  standings,
  postMortems: {},
  passedOn: null,
  timeline: [{ phase: 'running', at: 0 }],
  restarts: { total: 0, consecutive: 0 },
});
const serving = runningWith(HEALTHY);
const signalled = (signal: Signal, at = 100): Event => ({ type: 'signalReceived', signal, at });

/** The state that a sequence of events leads to, and all its effects. */
function after(
  state: State,
  policy: Policy,
  ...events: readonly Event[]
): { state: State; effects: readonly Effect[] } {
  const effects: Effect[] = [];
  let now = state;
  for (const event of events) {
    const [next, more] = transition(now, event, policy);
    now = next;
    effects.push(...more);
  }
  return { state: now, effects };
}

const sent = (effects: readonly Effect[]): readonly string[] =>
  effects.flatMap((effect) =>
    ['passOn', 'passOnOnceCaught', 'stopApp'].includes(effect.type) && 'signal' in effect
      ? [`${effect.type} ${effect.signal}`]
      : [],
  );
const outcomes = (effects: readonly Effect[]): readonly string[] =>
  effects.flatMap((effect) =>
    effect.type === 'say' && effect.notice.event === 'signal' ? [effect.notice.outcome.kind] : [],
  );
const skipped = (effects: readonly Effect[]): SkipReason | null | undefined =>
  effects.flatMap((effect) =>
    effect.type === 'say' && effect.notice.event === 'stopping' ? [effect.notice.skipped] : [],
  )[0];

test('a stop signal begins the delay, and its end sends the signal to the app', () => {
  const policy = policyWith({ shutdownDelaySource: 'chosen' });
  const drained = after(serving, policy, signalled(TERM));
  assert.equal(drained.state.kind, 'delaying');
  assert.deepEqual(sent(drained.effects), []);
  const early = after(drained.state, policy, { type: 'deadlinePassed', at: 5_099 });
  assert.equal(early.state, drained.state);
  const stopped = after(drained.state, policy, { type: 'deadlinePassed', at: 5_100 });
  assert.equal(stopped.state.kind, 'stopping');
  assert.deepEqual(sent(stopped.effects), ['stopApp 15']);
  assert.equal(skipped(stopped.effects), null);
});

test('the delay is skipped for each reason, and the notice names it', () => {
  const pending = { ...HEALTHY, ready: { kind: 'pending', cause: 'failed', reason: 'nothing listens' } } as const;
  const hanging = { ...HEALTHY, live: { kind: 'failing', cause: 'failed', reason: 'it hangs' } } as const;
  const noListeners: Event = { type: 'listenersCounted', count: 0, at: 110 };
  const fault: Event = { type: 'faulted', fault: { room: 'process', message: 'it broke' }, at: 110 };
  const escalates = policyWith({ keyboard: 'escalates' });
  const cases: readonly (readonly [SkipReason, State, Policy, readonly Event[]])[] = [
    ['never ready', runningWith(initialStandings), policyWith(), [signalled(TERM)]],
    ['never ready', runningWith(pending), policyWith({ shutdownDelaySource: 'chosen' }), [signalled(TERM)]],
    ['not alive', runningWith(hanging), policyWith(), [signalled(TERM)]],
    ['no delay', serving, policyWith({ shutdownDelay: 0, shutdownDelaySource: 'chosen' }), [signalled(TERM)]],
    ['listens on nothing', serving, policyWith(), [signalled(TERM), noListeners]],
    ['second Ctrl-C', serving, escalates, [signalled(INT), signalled(INT, 200)]],
    ['fault', serving, policyWith(), [fault]],
    ['fault', serving, policyWith(), [signalled(TERM), fault]],
  ];
  for (const [reason, state, policy, events] of cases) {
    const { state: next, effects } = after(state, policy, ...events);
    assert.equal(next.kind, 'stopping', reason);
    assert.equal(skipped(effects), reason);
  }
});

test('an app that was ready once, that listens, or whose sockets cannot be counted gets the delay', () => {
  const unready = { ...HEALTHY, ready: { kind: 'failing', cause: 'failed', reason: 'HTTP 503' } } as const;
  assert.equal(after(runningWith(unready), policyWith(), signalled(TERM)).state.kind, 'delaying');
  for (const count of [1, 'unknown'] as const) {
    const events = [signalled(TERM), { type: 'listenersCounted', count, at: 110 } as const];
    assert.equal(after(serving, policyWith(), ...events).state.kind, 'delaying');
  }
});

test('the default delay is said once it is known whether the app listens on anything, and before anything else', () => {
  const said = (...events: readonly Event[]): readonly (readonly unknown[])[] =>
    after(serving, policyWith({ keyboard: 'escalates' }), signalled(TERM), ...events).effects.flatMap((effect) =>
      effect.type !== 'say'
        ? []
        : [[effect.notice.event, ...(effect.notice.event === 'terminating' ? [effect.notice.delayMs] : [])]],
    );
  const listeners = (count: number | 'unknown', at = 110): Event => ({ type: 'listenersCounted', count, at });
  const begin = ['signal'];
  const full = ['terminating', 5_000];
  assert.deepEqual(said(), [begin]);
  assert.deepEqual(said(listeners(0)), [begin, ['terminating', 0], ['stopping']]);
  for (const count of [1, 'unknown'] as const) assert.deepEqual(said(listeners(count)), [begin, full]);
  const late: Event = { type: 'deadlinePassed', at: 1_100 };
  assert.deepEqual(said({ ...late, at: 1_099 }), [begin]);
  assert.deepEqual(said(late), [begin, full]);
  assert.deepEqual(said(late, listeners(0, 1_200)), [begin, full, ['stopping']]);
  assert.deepEqual(said(signalled(TERM, 105), listeners(2)), [begin, full, ['signal']]);
  assert.deepEqual(said(signalled(INT, 105)), [begin, full, ['signal'], ['stopping']]);
  const exit: Event = { type: 'childExited', exit: { kind: 'code', code: 0 }, at: 105 };
  assert.deepEqual(said(exit), [begin, full]);
  const fault: Event = { type: 'faulted', fault: { room: 'process', message: 'it broke' }, at: 105 };
  assert.deepEqual(said(fault), [begin, full, ['stopping']]);
});

test('a delay that the user set is kept without counting listeners', () => {
  const counts = (policy: Policy): boolean =>
    after(serving, policy, signalled(TERM)).effects.some(({ type }) => type === 'countListeners');
  assert.equal(counts(policyWith()), true);
  assert.equal(counts(policyWith({ shutdownDelaySource: 'chosen' })), false);
});

test('on a terminal the second Ctrl-C skips the delay, the third kills, the fourth is only logged', () => {
  const policy = policyWith({ keyboard: 'escalates' });
  const ctrlCs = [100, 200, 300, 400].map((at) => signalled(INT, at));
  const kinds = ctrlCs.map((_, index) => after(serving, policy, ...ctrlCs.slice(0, index + 1)).state.kind);
  assert.deepEqual(kinds, ['delaying', 'stopping', 'killing', 'killing']);
  const { effects } = after(serving, policy, ...ctrlCs);
  assert.equal(effects.filter(({ type }) => type === 'killApp').length, 1);
  assert.deepEqual(sent(effects), ['stopApp 2']);
});

test('without a terminal neither TERM nor INT escalates; on a terminal TERM does not', () => {
  const again = (signal: Signal): readonly Event[] => [100, 200, 300].map((at) => signalled(signal, at));
  assert.equal(after(serving, policyWith(), ...again(TERM)).state.kind, 'delaying');
  assert.equal(after(serving, policyWith(), ...again(INT)).state.kind, 'delaying');
  assert.equal(after(serving, policyWith({ keyboard: 'escalates' }), ...again(TERM)).state.kind, 'delaying');
  // INT is no stop signal here, so each one is passed on.
  const passing = policyWith({ keyboard: 'escalates', stopOn: new Set([TERM]) });
  const { state, effects } = after(serving, passing, signalled(TERM), ...again(INT));
  assert.equal(state.kind, 'delaying');
  assert.deepEqual(sent(effects), ['passOn 2', 'passOn 2', 'passOn 2']);
});

test('with a shared terminal signals of the keyboard are only logged; TERM and HUP are handled', () => {
  const policy = policyWith({ keyboard: 'shared' });
  for (const signal of [INT, QUIT, 20, WINCH]) {
    const { state, effects } = after(serving, policy, signalled(signal));
    assert.equal(state, serving);
    assert.deepEqual([sent(effects), outcomes(effects)], [[], ['from the keyboard']]);
    const later = after(serving, policy, signalled(TERM), signalled(signal));
    assert.deepEqual([later.state.kind, sent(later.effects)], ['delaying', []]);
  }
  assert.deepEqual(sent(after(serving, policy, signalled(HUP)).effects), ['passOn 1']);
  assert.equal(after(serving, policy, signalled(TERM)).state.kind, 'delaying');
});

test('a signal that is no stop signal is passed on at once, rewritten or dropped, also during a shutdown', () => {
  const policy = policyWith({
    rewrite: new Map([
      [HUP, USR1],
      [WINCH, 0],
    ]),
  });
  const three = [signalled(HUP), signalled(WINCH), signalled(QUIT)];
  for (const before of [[], [signalled(TERM)]]) {
    const { effects } = after(serving, policy, ...before, ...three);
    assert.deepEqual(sent(effects), ['passOn 10', 'passOn 3']);
    assert.deepEqual(outcomes(effects).slice(before.length), ['passed on', 'dropped', 'passed on']);
  }
});

test('without stop signals every signal is passed on, as with tini', () => {
  const policy = policyWith({ stopOn: new Set() });
  const { state, effects } = after(serving, policy, signalled(TERM), signalled(INT));
  assert.equal(state.kind, 'running');
  assert.deepEqual(sent(effects), ['passOn 15', 'passOn 2']);
});

test('the app is sent --stop-signal, else the received signal, rewritten', () => {
  const none = { shutdownDelay: 0 };
  const rewrite = new Map([[TERM, QUIT]]);
  const stopOf = (policy: Policy, signal: Signal): readonly string[] =>
    sent(after(serving, policy, signalled(signal)).effects);
  assert.deepEqual(stopOf(policyWith(none), INT), ['stopApp 2']);
  assert.deepEqual(stopOf(policyWith({ ...none, rewrite }), TERM), ['stopApp 3']);
  assert.deepEqual(stopOf(policyWith({ ...none, rewrite }), INT), ['stopApp 2']);
  assert.deepEqual(stopOf(policyWith({ ...none, rewrite, stopSignal: USR1 }), TERM), ['stopApp 10']);
});

test('signals before the start of the app are kept and passed on in order; a stop signal prevents the start', () => {
  const preparing = STATES.preparing[0];
  assert.ok(preparing !== undefined);
  const policy = policyWith();
  const started: Event = { type: 'spawned', pid: 7, at: 50 };
  const { state, effects } = after(preparing, policy, signalled(HUP), signalled(USR1), signalled(HUP), started);
  assert.equal(state.kind, 'running');
  assert.deepEqual(sent(effects), ['passOnOnceCaught 1', 'passOnOnceCaught 10', 'passOnOnceCaught 1']);
  assert.deepEqual(outcomes(effects), ['held', 'held', 'held']);
  const caught: Event = { type: 'signalSent', signal: USR1, cause: 'received', received: HUP, at: 90 };
  assert.deepEqual(outcomes(after(state, policy, caught).effects), ['passed on']);
  const stopped = after(preparing, policy, signalled(TERM));
  const last = stopped.effects.at(-1);
  assert.equal(last?.type === 'exit' && last.record.code, 143);
});

test('every shutdown of a running app says `terminating` once, also when the app gets its signal at once', () => {
  for (const policy of POLICIES) {
    for (const state of STATES.running) {
      const { effects } = after(state, policy, signalled(TERM), signalled(TERM, 200));
      const said = effects.filter((effect) => effect.type === 'say' && effect.notice.event === 'terminating');
      assert.equal(said.length, policy.stopOn.has(TERM) ? 1 : 0, JSON.stringify([state.standings, policy.hooks.size]));
    }
  }
});

test('`--drain-signal` is sent when the shutdown begins, unless the app gets its signal at the same moment', () => {
  const pending = { ...HEALTHY, ready: { kind: 'pending', cause: 'failed', reason: 'nothing listens' } } as const;
  const drainSignal = WINCH;
  assert.deepEqual(sent(after(serving, policyWith({ drainSignal }), signalled(TERM)).effects), ['passOnOnceCaught 28']);
  const drains = policyWith({ drainSignal, shutdownDelay: 0, drainConnections: 10_000 });
  assert.deepEqual(sent(after(serving, drains, signalled(TERM)).effects), ['passOnOnceCaught 28']);
  const atOnce = policyWith({ drainSignal, shutdownDelay: 0 });
  assert.deepEqual(sent(after(serving, atOnce, signalled(TERM)).effects), ['stopApp 15']);
  assert.deepEqual(sent(after(runningWith(pending), policyWith({ drainSignal }), signalled(TERM)).effects), [
    'stopApp 15',
  ]);
});

test('the time of the before-kill hook is counted from the end of the grace, however late that is noticed', () => {
  const policy = policyWith({ postMortem: new Set(['before-kill']), hookTimeout: 10_000 });
  const [stopping] = STATES.stopping;
  assert.ok(stopping?.kind === 'stopping');
  const { graceEndsAt } = stopping;
  const late = (by: number): Event => ({ type: 'deadlinePassed', at: graceEndsAt + by });
  const { state, effects } = after(stopping, policy, late(4_000));
  assert.ok(state.kind === 'beforeKill');
  assert.equal(state.killAt, graceEndsAt + 10_000);
  assert.deepEqual(
    effects.filter(({ type }) => type === 'wakeAt'),
    [{ type: 'wakeAt', at: graceEndsAt + 10_000 }],
  );
  // Nothing is left of it.
  const over = after(stopping, policy, late(10_000));
  assert.equal(over.state.kind, 'killing');
  assert.match(JSON.stringify(over.effects), /its time was over before it could begin/);
  assert.ok(over.effects.some(({ type }) => type === 'killApp'));
});
