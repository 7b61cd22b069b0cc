import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type ContainerHealth,
  initialHealth,
  isProbed,
  type KubeletProbe,
  type ProbeRule,
  withResult,
} from '../../../src/rehearse/container-health.ts';

const RULE: ProbeRule = { initialDelay: 0, period: 10_000, timeout: 1_000, successThreshold: 1, failureThreshold: 3 };

/** The health after these results in turn, `+` for passed and `-` for failed. */
function healthAfter(
  probes: readonly KubeletProbe[],
  results: readonly (readonly [KubeletProbe, string])[],
  rule: Partial<ProbeRule> = {},
): ContainerHealth {
  const all = new Set(probes);
  let health = initialHealth(all);
  for (const [probe, marks] of results)
    for (const mark of marks)
      health = withResult(health, { probe, passed: mark === '+', rule: { ...RULE, ...rule } }, all);
  return health;
}

test('a container without probes is started, ready and alive from the beginning', () => {
  const { started, ready, live } = initialHealth(new Set());
  assert.deepEqual([started, ready, live], [true, true, true]);
});

test('until the startup probe of a container passes, no other probe is run, and the container is not ready', () => {
  const before = initialHealth(new Set<KubeletProbe>(['startup', 'ready', 'live']));
  assert.deepEqual([before.started, before.ready, before.live], [false, false, true]);
  assert.deepEqual(
    (['startup', 'ready', 'live'] as const).map((probe) => isProbed(probe, before)),
    [true, false, false],
  );
  assert.equal(healthAfter(['startup', 'ready'], [['ready', '+++']]).ready, false);
  const started = healthAfter(['startup', 'ready'], [['startup', '--+']]);
  assert.deepEqual([started.started, started.ready, started.live], [true, false, true]);
  assert.equal(healthAfter(['startup'], [['startup', '+']]).ready, true);
});

test('a container whose startup probe fails too often is restarted', () => {
  assert.equal(healthAfter(['startup'], [['startup', '--']]).live, true);
  assert.equal(healthAfter(['startup'], [['startup', '---']]).live, false);
});

test('the verdict of a probe changes after as many equal results in a row as its threshold says, and not before', () => {
  const readiness = (marks: string, rule: Partial<ProbeRule> = {}): boolean =>
    healthAfter(['ready'], [['ready', marks]], rule).ready;
  assert.equal(readiness(''), false);
  assert.equal(readiness('+'), true);
  assert.equal(readiness('+--'), true);
  assert.equal(readiness('+--+--'), true);
  assert.equal(readiness('+---'), false);
  assert.equal(readiness('+---+'), true);
  assert.equal(readiness('++', { successThreshold: 3 }), false);
  assert.equal(readiness('++-++', { successThreshold: 3 }), false);
  assert.equal(readiness('++-+++', { successThreshold: 3 }), true);
  assert.equal(healthAfter(['live'], [['live', '--+--']]).live, true);
  assert.equal(healthAfter(['live'], [['live', '--+---']]).live, false);
});
