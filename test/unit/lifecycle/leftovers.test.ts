import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Effect } from '../../../src/lifecycle/effect.ts';
import type { Event } from '../../../src/lifecycle/event.ts';
import { PASSED_ON_WINDOW } from '../../../src/lifecycle/exit.ts';
import { KILL_LIMIT, LEFTOVER_GRACE } from '../../../src/lifecycle/leftovers.ts';
import type { ExitedNotice } from '../../../src/lifecycle/notice.ts';
import type { Policy } from '../../../src/lifecycle/policy.ts';
import { type Exit, initialState, type Signal } from '../../../src/lifecycle/state.ts';
import { transition } from '../../../src/lifecycle/transition.ts';
import { HUP, KILL, policyWith, QUIT, TERM, USR1, WINCH } from './examples.ts';

/** All effects of a life from its beginning. */
function effectsOf(policy: Policy, ...events: readonly Event[]): readonly Effect[] {
  let state = initialState(0);
  return events.flatMap((event) => {
    const [next, effects] = transition(state, event, policy);
    state = next;
    return effects;
  });
}

const begun: Event = { type: 'begun', at: 0 };
const spawned: Event = { type: 'spawned', pid: 7, at: 0 };
const signalled = (signal: Signal, at = 100): Event => ({ type: 'signalReceived', signal, at });
const deadline = (at: number): Event => ({ type: 'deadlinePassed', at });
const exited = (at: number, exit: Exit = { kind: 'code', code: 0 }): Event => ({ type: 'childExited', exit, at });
const alone = (at: number): Event => ({ type: 'leftoversFound', leftovers: [], at });
const leftover = { pid: 9, group: 1, program: 'leftover', permitted: true };
const together = (at: number): Event => ({ type: 'leftoversFound', leftovers: [leftover], at });
const gone = (at: number): Event => ({ type: 'leftoversGone', at });

function exitRecordOf(effects: readonly Effect[]): ExitedNotice {
  const records = effects.flatMap((effect) => (effect.type === 'exit' ? [effect.record] : []));
  assert.equal(records.length, 1, 'one exited notice');
  return records[0] as ExitedNotice;
}

/** The exit code of a life; undefined: it has not ended. */
function exitCodeOf(effects: readonly Effect[]): number | undefined {
  const last = effects.at(-1);
  return last?.type === 'exit' ? last.record.code : undefined;
}

test('the exit record names how the life ended', () => {
  const now = policyWith({ shutdownDelay: 0 });
  const killed: Exit = { kind: 'signal', signal: KILL };
  const cases: readonly (readonly [string, Policy, readonly Event[]])[] = [
    ['exited', now, [exited(50), alone(51)]],
    ['signalled', now, [exited(50, killed), alone(51)]],
    ['stopped', now, [signalled(TERM), exited(150), alone(151)]],
    ['stopped', now, [signalled(TERM), exited(150, { kind: 'signal', signal: TERM }), alone(151)]],
    ['killed', now, [signalled(TERM), deadline(20_100), exited(20_101, killed), alone(20_102)]],
    ['stopped before start', now, [signalled(TERM)]],
  ];
  for (const [cause, policy, events] of cases) {
    const opening: readonly Event[] = cause === 'stopped before start' ? [begun] : [begun, spawned];
    assert.equal(exitRecordOf(effectsOf(policy, ...opening, ...events)).cause, cause);
  }
});

test('an exit soon after a passed-on signal is attributed to the last one that reached the app', () => {
  const quiet = policyWith({ rewrite: new Map([[WINCH, 0]]) });
  const passedOn = (policy: Policy, events: readonly Event[]): Signal | null =>
    exitRecordOf(effectsOf(policy, begun, ...events)).passedOn?.signal ?? null;
  const end = [exited(200), alone(201)];
  assert.equal(passedOn(quiet, [spawned, signalled(QUIT), ...end]), QUIT);
  assert.equal(passedOn(quiet, [spawned, signalled(QUIT), signalled(HUP), ...end]), HUP);
  assert.equal(passedOn(quiet, [spawned, signalled(QUIT), signalled(WINCH), ...end]), QUIT, 'a dropped one is not');
  assert.equal(passedOn(quiet, [signalled(QUIT, 0), spawned, ...end]), null, 'nor one that still waits');
  const sent = { type: 'signalSent', signal: QUIT, cause: 'received', received: QUIT, at: 60 } as const;
  assert.equal(
    passedOn(quiet, [signalled(QUIT, 0), signalled(WINCH, 0), spawned, sent, ...end]),
    QUIT,
    'nor when held',
  );
  assert.equal(passedOn(quiet, [spawned, ...end]), null);
  const late = 100 + PASSED_ON_WINDOW;
  assert.equal(passedOn(quiet, [spawned, signalled(QUIT), exited(late), alone(late)]), QUIT);
  assert.equal(passedOn(quiet, [spawned, signalled(QUIT), exited(late + 1), alone(late + 1)]), null);
  assert.equal(
    passedOn(policyWith({ stopOn: new Set() }), [spawned, signalled(QUIT), ...end]),
    null,
    'with --stop-on none',
  );
  const stopped = [spawned, signalled(QUIT), signalled(TERM), deadline(20_000), exited(20_000), alone(20_000)];
  assert.equal(passedOn(quiet, stopped), null, 'not during a shutdown');
});

test('leftovers get the stop signal and the rest of the grace', () => {
  const policy = policyWith({ shutdownDelay: 0, stopSignal: QUIT });
  const effects = effectsOf(policy, begun, spawned, signalled(TERM), exited(1_000), together(1_001), gone(1_500));
  assert.deepEqual(
    effects.filter(({ type }) => type === 'stopLeftovers' || type === 'wakeAt'),
    [
      { type: 'wakeAt', at: 20_100 },
      { type: 'stopLeftovers', signal: QUIT },
      { type: 'wakeAt', at: 20_100 },
    ],
  );
  assert.equal(effects.at(-1)?.type, 'exit');
});

test('without a shutdown leftovers get five seconds, then SIGKILL; those that survive it are not waited for', () => {
  assert.equal(LEFTOVER_GRACE, 5_000);
  const opening = [begun, spawned, exited(1_000), together(1_001)];
  const swept = effectsOf(policyWith(), ...opening, deadline(5_999));
  assert.ok(!swept.some(({ type }) => type === 'killLeftovers'));
  const purged = effectsOf(policyWith(), ...opening, deadline(6_000));
  assert.ok(purged.some(({ type }) => type === 'killLeftovers'));
  assert.ok(!purged.some(({ type }) => type === 'exit'));
  assert.equal(effectsOf(policyWith(), ...opening, deadline(6_000), gone(6_020)).at(-1)?.type, 'exit');
  const outlived = effectsOf(policyWith(), ...opening, deadline(6_000), deadline(6_000 + KILL_LIMIT));
  assert.ok(outlived.some((effect) => effect.type === 'say' && effect.notice.event === 'leftoversRemain'));
  assert.equal(outlived.at(-1)?.type, 'exit');
});

test('leftovers of an app that had to be killed are killed at once', () => {
  const policy = policyWith({ shutdownDelay: 0 });
  const killed: Exit = { kind: 'signal', signal: KILL };
  const events = [signalled(TERM), deadline(20_100), exited(20_101, killed), together(20_102), gone(20_120)];
  const types = effectsOf(policy, begun, spawned, ...events).map(({ type }) => type);
  assert.ok(!types.includes('stopLeftovers'));
  assert.ok(types.includes('killLeftovers'));
});

test('leftovers do not change the exit code', () => {
  const seven: Exit = { kind: 'code', code: 7 };
  const effects = effectsOf(
    policyWith(),
    begun,
    spawned,
    exited(1_000, seven),
    together(1_001),
    deadline(6_000),
    gone(6_020),
  );
  assert.equal(exitCodeOf(effects), 7);
});

test('every exit code from 0 to 255 and every signal from 1 to 31 gives its exit code, and can be remapped', () => {
  const codeOf = (exit: Exit, policy = policyWith()): number | undefined =>
    exitCodeOf(effectsOf(policy, begun, spawned, exited(50, exit), alone(51)));
  for (let code = 0; code < 256; code += 1) {
    assert.equal(codeOf({ kind: 'code', code }), code);
    const remapExit = new Map([[code, 255 - code]]);
    assert.equal(codeOf({ kind: 'code', code }, policyWith({ remapExit })), 255 - code);
  }
  for (let signal = 1; signal < 32; signal += 1) {
    assert.equal(codeOf({ kind: 'signal', signal }), 128 + signal);
    const remapExit = new Map([[128 + signal, 0]]);
    assert.equal(codeOf({ kind: 'signal', signal }, policyWith({ remapExit })), 0);
  }
});

test('the exit codes 126, 127 and 70 of k8s-run itself are not remapped', () => {
  const remapExit = new Map([126, 127, 70].map((code) => [code, 0]));
  const failed = (code: string): Event => ({ type: 'spawnFailed', failure: { code, detail: '' }, at: 1 });
  const fault: Event = { type: 'faulted', fault: { room: 'process', message: 'it broke' }, at: 1 };
  const codeAfter = (...events: readonly Event[]): number | undefined =>
    exitCodeOf(effectsOf(policyWith({ remapExit }), begun, ...events));
  assert.equal(codeAfter(failed('ENOENT')), 127);
  assert.equal(codeAfter(failed('ENOTDIR')), 127);
  for (const code of ['EACCES', 'EPERM', 'ENOEXEC', 'E2BIG']) {
    assert.equal(codeAfter(failed(code)), 126);
  }
  assert.equal(codeAfter(fault), 70);
  assert.equal(codeAfter(spawned, fault, exited(9), alone(9)), 70);
  // A 70 of the app itself is remapped.
  assert.equal(codeAfter(spawned, exited(9, { kind: 'code', code: 70 }), alone(9)), 0);
});

test('the exit record has the duration of each phase', () => {
  const events = [signalled(TERM, 1_000), exited(1_300), together(1_301), gone(1_340)];
  const { phases } = exitRecordOf(effectsOf(policyWith({ shutdownDelay: 0 }), begun, spawned, ...events));
  assert.deepEqual(phases, { preparing: 0, running: 1_000, stopping: 300, leftovers: 40 });
});

test('a signal after the exit of the app is logged and not passed on', () => {
  const effects = effectsOf(policyWith(), begun, spawned, exited(50), together(51), signalled(TERM), signalled(USR1));
  assert.deepEqual(
    effects.slice(-2).map((effect) => (effect.type === 'say' ? effect.notice : null)),
    [
      { event: 'signal', signal: TERM, outcome: { kind: 'repeated' } },
      { event: 'signal', signal: USR1, outcome: { kind: 'dropped' } },
    ],
  );
});
