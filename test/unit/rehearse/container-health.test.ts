import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Check,
  counted,
  type Health,
  isAsked,
  newHealth,
  type Rule,
} from '../../../src/rehearse/container-health.ts';

const RULE: Rule = { initialDelay: 0, period: 10_000, timeout: 1_000, successThreshold: 1, failureThreshold: 3 };

/** Answers one after the other, `+` passed and `-` failed. */
function after(
  checks: readonly Check[],
  answers: readonly (readonly [Check, string])[],
  rule: Partial<Rule> = {},
): Health {
  const all = new Set(checks);
  let health = newHealth(all);
  for (const [check, marks] of answers)
    for (const mark of marks) health = counted(health, check, mark === '+', { ...RULE, ...rule }, all);
  return health;
}

test('without probes a container is started, ready and alive from the first instant', () => {
  const { started, ready, live } = newHealth(new Set());
  assert.deepEqual([started, ready, live], [true, true, true]);
});

test('a startup probe comes first: until it passes nothing else is asked, and nothing is ready', () => {
  const before = newHealth(new Set<Check>(['startup', 'ready', 'live']));
  assert.deepEqual([before.started, before.ready, before.live], [false, false, true]);
  assert.deepEqual(
    (['startup', 'ready', 'live'] as const).map((check) => isAsked(check, before)),
    [true, false, false],
  );
  assert.equal(after(['startup', 'ready'], [['ready', '+++']]).ready, false);
  const started = after(['startup', 'ready'], [['startup', '--+']]);
  assert.deepEqual([started.started, started.ready, started.live], [true, false, true]);
  assert.equal(after(['startup'], [['startup', '+']]).ready, true);
});

test('a startup probe that fails too often has the container killed', () => {
  assert.equal(after(['startup'], [['startup', '--']]).live, true);
  assert.equal(after(['startup'], [['startup', '---']]).live, false);
});

test('a verdict changes after so many equal answers in a row, and not before', () => {
  const readiness = (marks: string, rule: Partial<Rule> = {}): boolean =>
    after(['ready'], [['ready', marks]], rule).ready;
  assert.equal(readiness(''), false);
  assert.equal(readiness('+'), true);
  assert.equal(readiness('+--'), true);
  assert.equal(readiness('+--+--'), true);
  assert.equal(readiness('+---'), false);
  assert.equal(readiness('+---+'), true);
  assert.equal(readiness('++', { successThreshold: 3 }), false);
  assert.equal(readiness('++-++', { successThreshold: 3 }), false);
  assert.equal(readiness('++-+++', { successThreshold: 3 }), true);
  assert.equal(after(['live'], [['live', '--+--']]).live, true);
  assert.equal(after(['live'], [['live', '--+---']]).live, false);
});
