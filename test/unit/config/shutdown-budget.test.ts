import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { OptionValues } from '../../../src/config/options/table.ts';
import {
  type BudgetPhases,
  budgetOf,
  drainWithin,
  fitBudget,
  LEAST_PHASE,
  type PhaseLength,
  RESERVE,
  type ShutdownBudget,
} from '../../../src/config/shutdown-budget.ts';

const length: fc.Arbitrary<PhaseLength> = fc.record({
  ms: fc.oneof(fc.nat(100_000), fc.constantFrom(0, 1, 999, 1_000, 5_000, 20_000)),
  source: fc.constantFrom('chosen' as const, 'default' as const),
});
const phases: fc.Arbitrary<BudgetPhases> = fc.record({
  delay: length.map((delay) => (delay.source === 'default' ? { ...delay, ms: 5_000 } : delay)),
  hooks: fc.oneof(fc.constant(0), fc.nat(20_000)),
  grace: length.map((grace) => (grace.source === 'default' ? { ...grace, ms: 20_000 } : grace)),
  leastGrace: fc.oneof(fc.constant(LEAST_PHASE), fc.integer({ min: LEAST_PHASE, max: 60_000 })),
});
const total = fc.oneof(fc.nat(200_000), fc.constantFrom(1, 2_000, 3_999, 4_000, 30_000));

function inEveryBudget(
  name: string,
  property: (total: number, phases: BudgetPhases, budget: ShutdownBudget) => void,
): void {
  test(name, () => {
    fc.assert(
      fc.property(total, phases, (ms, each) => property(ms, each, budgetOf(ms, each))),
      { numRuns: 2_000 },
    );
  });
}

inEveryBudget('a budget that fits leaves the reserve', (ms, { hooks }, budget) => {
  if (budget.kind === 'fits') assert.ok(budget.delay + hooks + budget.grace + RESERVE <= ms);
});

inEveryBudget('chosen phases keep their length', (_, { delay, grace }, budget) => {
  if (budget.kind !== 'fits') return;
  if (delay.source === 'chosen') assert.equal(budget.delay, delay.ms);
  if (grace.source === 'chosen') assert.equal(budget.grace, grace.ms);
});

inEveryBudget(
  'derived phases are not too short, and a derived delay is at most its default',
  (_, { delay, grace, leastGrace }, budget) => {
    if (budget.kind !== 'fits') return;
    if (delay.source === 'default') assert.ok(budget.delay >= LEAST_PHASE && budget.delay <= delay.ms);
    if (grace.source === 'default') assert.ok(budget.grace >= leastGrace);
  },
);

inEveryBudget('a derived grace uses all of the time', (ms, { hooks, grace }, budget) => {
  if (budget.kind !== 'fits' || grace.source === 'chosen') return;
  assert.equal(budget.delay + hooks + budget.grace + RESERVE, ms);
});

inEveryBudget(
  'a derived delay is longer than the grace only when the grace was chosen',
  (_, { delay, grace }, budget) => {
    if (budget.kind !== 'fits' || delay.source === 'chosen' || grace.source === 'chosen') return;
    assert.ok(budget.delay <= budget.grace);
  },
);

inEveryBudget('a budget that does not fit names the least time that would fit', (ms, each, budget) => {
  if (budget.kind === 'fits') return;
  assert.ok(budget.needed > ms);
  assert.equal(budget.delay + each.hooks + budget.grace + RESERVE, budget.needed);
  assert.equal(budgetOf(budget.needed, each).kind, 'fits');
  assert.equal(budgetOf(budget.needed - 1, each).kind, 'too small');
});

test('usual values of terminationGracePeriodSeconds are divided as expected', () => {
  const free = (ms: number): PhaseLength => ({ ms, source: 'default' });
  const usual = { delay: free(5_000), hooks: 0, grace: free(20_000), leastGrace: LEAST_PHASE };
  const fits = (delay: number, grace: number): ShutdownBudget => ({ kind: 'fits', delay, grace });
  assert.deepEqual(budgetOf(30_000, usual), fits(5_000, 23_000));
  assert.deepEqual(budgetOf(60_000, usual), fits(5_000, 53_000));
  assert.deepEqual(budgetOf(10_000, usual), fits(4_000, 4_000));
  assert.deepEqual(budgetOf(40_000, { ...usual, leastGrace: 35_000 }), fits(3_000, 35_000));
  assert.deepEqual(budgetOf(60_000, { ...usual, hooks: 10_000 }), fits(5_000, 43_000));
  assert.deepEqual(budgetOf(3_000, usual).kind, 'too small');
});

test('a drain that is not set is half of the grace, 10s at most, and leaves the app a second', () => {
  const expected = { 0: 0, 1000: 0, 1500: 500, 2000: 1_000, 8000: 4_000, 20000: 10_000, 60000: 10_000 };
  for (const [grace, drain] of Object.entries(expected)) assert.equal(drainWithin(Number(grace)), drain, grace);
});

/** What the shutdown options of a user become. */
function fitted(chosen: Partial<OptionValues>): ReturnType<typeof fitBudget> {
  const defaults = { shutdownDelay: 5_000, grace: 20_000, drainConnections: null, terminationGracePeriod: null };
  const values = { ...defaults, preStop: null, beforeKill: null, postExit: null, hookTimeout: 5_000, ...chosen };
  return fitBudget(values, { isChosen: (key) => key in chosen, sourceOf: (key) => `--${key}` });
}

test('the drain is a part of the grace, and a grace that is not set grows with a drain that is', () => {
  const cases: readonly (readonly [Partial<OptionValues>, object])[] = [
    [{}, { grace: 20_000, drainConnections: 10_000 }],
    [{ drainConnections: 0 }, { grace: 20_000, drainConnections: 0 }],
    [{ drainConnections: 30_000 }, { grace: 40_000, drainConnections: 30_000 }],
    [{ grace: 8_000 }, { grace: 8_000, drainConnections: 4_000 }],
    [
      { grace: 31_000, drainConnections: 30_000 },
      { grace: 31_000, drainConnections: 30_000 },
    ],
    [{ terminationGracePeriod: 60_000 }, { shutdownDelay: 5_000, grace: 53_000, drainConnections: 10_000 }],
    [{ terminationGracePeriod: 10_000 }, { shutdownDelay: 4_000, grace: 4_000, drainConnections: 2_000 }],
    [
      { terminationGracePeriod: 40_000, drainConnections: 34_000 },
      { shutdownDelay: 3_000, grace: 35_000, drainConnections: 34_000 },
    ],
  ];
  for (const [chosen, ok] of cases) assert.deepEqual(fitted(chosen), { ok }, JSON.stringify(chosen));
});

test('a drain that leaves the app less than a second of the grace is a mistake that names both options', () => {
  const tooLong = fitted({ grace: 20_000, drainConnections: 30_000 });
  assert.match(
    'problem' in tooLong ? tooLong.problem : '',
    /^cannot use --drainConnections 30s: it is a part of --grace 20s, of which 1s must be left for the app; make --grace 31s or more, /,
  );
  assert.ok('problem' in fitted({ grace: 20_000, drainConnections: 19_001 }));
  assert.ok('ok' in fitted({ grace: 20_000, drainConnections: 19_000 }));
  const inPeriod = fitted({ terminationGracePeriod: 30_000, drainConnections: 30_000 });
  assert.match(
    'problem' in inPeriod ? inPeriod.problem : '',
    /--grace 31s \(at least, for --drainConnections\) \+ 2s in reserve = 34s;/,
  );
});

test('the hook before SIGKILL is a part of the sum, and the grace that is not set is shorter for it', () => {
  const beforeKill = { kind: 'signal', signal: 3 } as const;
  assert.deepEqual(fitted({ terminationGracePeriod: 30_000, beforeKill }), {
    ok: { shutdownDelay: 5_000, grace: 18_000, drainConnections: 9_000 },
  });
  const tooSmall = fitted({ terminationGracePeriod: 30_000, grace: 25_000, shutdownDelay: 0, beforeKill });
  assert.match(
    'problem' in tooSmall ? tooSmall.problem : '',
    / --shutdownDelay 0ms \+ 1 × --hookTimeout 5s \+ --grace 25s \+ 2s in reserve = 32s;/,
  );
});
