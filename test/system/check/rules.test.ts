import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { ReportedFinding } from '../../../src/check/checker.ts';
import { findingInText } from '../../../src/check/finding.ts';
import { RULE_LIST, RULES } from '../../../src/check/rules/catalog.ts';
import { findingsIn } from '../../rig/check-run.ts';
import { FINDING_CASES } from './finding-cases.ts';
import { manifestOf } from './manifest-builder.ts';
import { NOTE_CASES } from './note-cases.ts';

describe('rules of k8s-run check', () => {
  let found: ReadonlyMap<string, readonly ReportedFinding[]> = new Map();
  // One run for all cases: each is a document of its own, which must not affect the others.
  before(async () => {
    const all = [...FINDING_CASES, ...NOTE_CASES]
      .map(([, change], index) => manifestOf(`m${index}`, change))
      .join('---\n');
    found = Map.groupBy(await findingsIn(all), ({ object }) => object.split(' ')[1] ?? '');
  });

  for (const [index, [what, , ...rules]] of FINDING_CASES.entries()) {
    test(`k8s-run check finds ${rules.length === 0 ? 'nothing' : rules.join(', ')} in a manifest with ${what}`, () => {
      // Other notes come with many cases: no-k8s-run, for example.
      const findings = (found.get(`m${index}`) ?? []).filter(
        ({ rule, severity }) => severity !== 'note' || rules.includes(rule),
      );
      assert.deepEqual(findings.map(({ rule }) => rule).sort(), [...rules].sort(), JSON.stringify(findings, null, 1));
    });
  }

  for (const [index, [what, , rule]] of NOTE_CASES.entries()) {
    test(`k8s-run check notes ${rule} in a manifest with ${what}`, () => {
      const findings = (found.get(`m${FINDING_CASES.length + index}`) ?? []).filter((each) => each.rule === rule);
      assert.deepEqual(
        findings.map(({ severity }) => severity),
        ['note'],
      );
    });
  }
});

test('a finding takes its rule from the catalog, or does not compile', () => {
  const finding = findingInText(3, { rule: 'no-surge', reason: 'x' });
  const { severity, remedy } = RULES['no-surge'];
  assert.deepEqual(finding, { rule: 'no-surge', severity, offset: 3, reason: 'x', remedy, edits: [] });
  // @ts-expect-error: the catalog has no such rule.
  assert.throws(() => findingInText(0, { rule: 'no-such-rule', reason: 'x' }));
});

test('each rule has a name in kebab case, one sentence as its reason, and a remedy', () => {
  for (const { name, reason, remedy } of RULE_LIST) {
    assert.match(name, /^[a-z0-9]+(-[a-z0-9]+)*$/);
    assert.match(reason, /^[A-Zk].*[^.]$/, name);
    assert.ok(!reason.includes('. '), name);
    assert.ok(remedy !== '', name);
  }
});
