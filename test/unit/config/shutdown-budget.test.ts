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
  pause: length.map((pause) => (pause.source === 'default' ? { ...pause, ms: 5_000 } : pause)),
  drain: fc.oneof(fc.constant(0), fc.nat(60_000)),
  hooks: fc.oneof(fc.constant(0), fc.nat(20_000)),
  grace: length.map((grace) => (grace.source === 'default' ? { ...grace, ms: 20_000 } : grace)),
});
const total = fc.oneof(fc.nat(200_000), fc.constantFrom(1, 2_000, 3_999, 4_000, 30_000));

function inEveryBudget(name: string, law: (total: number, phases: BudgetPhases, budget: ShutdownBudget) => void): void {
  test(name, () => {
    fc.assert(
      fc.property(total, phases, (ms, each) => law(ms, each, budgetOf(ms, each))),
      { numRuns: 2_000 },
    );
  });
}

inEveryBudget('what fits leaves the reserve', (ms, { drain, hooks }, budget) => {
  if (budget.kind === 'fits') assert.ok(budget.pause + drain + hooks + budget.grace + RESERVE <= ms);
});

inEveryBudget('what was chosen stays as it was', (_, { pause, grace }, budget) => {
  if (budget.kind !== 'fits') return;
  if (pause.source === 'chosen') assert.equal(budget.pause, pause.ms);
  if (grace.source === 'chosen') assert.equal(budget.grace, grace.ms);
});

inEveryBudget('what is derived is of use, and a pause no longer than its default', (_, { pause, grace }, budget) => {
  if (budget.kind !== 'fits') return;
  if (pause.source === 'default') assert.ok(budget.pause >= LEAST_PHASE && budget.pause <= pause.ms);
  if (grace.source === 'default') assert.ok(budget.grace >= LEAST_PHASE);
});

inEveryBudget('a grace that may be derived leaves nothing unused', (ms, { drain, hooks, grace }, budget) => {
  if (budget.kind !== 'fits' || grace.source === 'chosen') return;
  assert.equal(budget.pause + drain + hooks + budget.grace + RESERVE, ms);
});

inEveryBudget(
  'a derived pause is the longer of the two only when the grace was chosen',
  (_, { pause, grace }, budget) => {
    if (budget.kind !== 'fits' || pause.source === 'chosen' || grace.source === 'chosen') return;
    assert.ok(budget.pause <= budget.grace);
  },
);

inEveryBudget('what does not fit names the time that would do, and that time does', (ms, each, budget) => {
  if (budget.kind === 'fits') return;
  assert.ok(budget.needed > ms);
  assert.equal(budget.pause + each.drain + each.hooks + budget.grace + RESERVE, budget.needed);
  assert.equal(budgetOf(budget.needed, each).kind, 'fits');
  assert.equal(budgetOf(budget.needed - 1, each).kind, 'too small');
});

test('the usual periods', () => {
  const free = (ms: number): PhaseLength => ({ ms, source: 'default' });
  const usual = { pause: free(5_000), drain: 0, hooks: 0, grace: free(20_000) };
  const fits = (pause: number, grace: number): ShutdownBudget => ({ kind: 'fits', pause, grace });
  assert.deepEqual(budgetOf(30_000, usual), fits(5_000, 23_000));
  assert.deepEqual(budgetOf(60_000, usual), fits(5_000, 53_000));
  assert.deepEqual(budgetOf(10_000, usual), fits(4_000, 4_000));
  assert.deepEqual(budgetOf(60_000, { ...usual, drain: 30_000 }), fits(5_000, 23_000));
  assert.deepEqual(budgetOf(60_000, { ...usual, hooks: 10_000 }), fits(5_000, 43_000));
  assert.deepEqual(budgetOf(3_000, usual).kind, 'too small');
});
