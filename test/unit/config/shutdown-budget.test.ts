import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type BudgetPhases,
  budgetOf,
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
  drain: fc.oneof(fc.constant(0), fc.nat(60_000)),
  hooks: fc.oneof(fc.constant(0), fc.nat(20_000)),
  grace: length.map((grace) => (grace.source === 'default' ? { ...grace, ms: 20_000 } : grace)),
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

inEveryBudget('a budget that fits leaves the reserve', (ms, { drain, hooks }, budget) => {
  if (budget.kind === 'fits') assert.ok(budget.delay + drain + hooks + budget.grace + RESERVE <= ms);
});

inEveryBudget('chosen phases keep their length', (_, { delay, grace }, budget) => {
  if (budget.kind !== 'fits') return;
  if (delay.source === 'chosen') assert.equal(budget.delay, delay.ms);
  if (grace.source === 'chosen') assert.equal(budget.grace, grace.ms);
});

inEveryBudget(
  'derived phases are not too short, and a derived delay is at most its default',
  (_, { delay, grace }, budget) => {
    if (budget.kind !== 'fits') return;
    if (delay.source === 'default') assert.ok(budget.delay >= LEAST_PHASE && budget.delay <= delay.ms);
    if (grace.source === 'default') assert.ok(budget.grace >= LEAST_PHASE);
  },
);

inEveryBudget('a derived grace uses all of the time', (ms, { drain, hooks, grace }, budget) => {
  if (budget.kind !== 'fits' || grace.source === 'chosen') return;
  assert.equal(budget.delay + drain + hooks + budget.grace + RESERVE, ms);
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
  assert.equal(budget.delay + each.drain + each.hooks + budget.grace + RESERVE, budget.needed);
  assert.equal(budgetOf(budget.needed, each).kind, 'fits');
  assert.equal(budgetOf(budget.needed - 1, each).kind, 'too small');
});

test('usual values of terminationGracePeriodSeconds are divided as expected', () => {
  const free = (ms: number): PhaseLength => ({ ms, source: 'default' });
  const usual = { delay: free(5_000), drain: 0, hooks: 0, grace: free(20_000) };
  const fits = (delay: number, grace: number): ShutdownBudget => ({ kind: 'fits', delay, grace });
  assert.deepEqual(budgetOf(30_000, usual), fits(5_000, 23_000));
  assert.deepEqual(budgetOf(60_000, usual), fits(5_000, 53_000));
  assert.deepEqual(budgetOf(10_000, usual), fits(4_000, 4_000));
  assert.deepEqual(budgetOf(60_000, { ...usual, drain: 30_000 }), fits(5_000, 23_000));
  assert.deepEqual(budgetOf(60_000, { ...usual, hooks: 10_000 }), fits(5_000, 43_000));
  assert.deepEqual(budgetOf(3_000, usual).kind, 'too small');
});
