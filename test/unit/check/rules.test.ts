import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { Reported } from '../../../src/check/check.ts';
import { RULES } from '../../../src/check/finding.ts';
import { findingsIn } from '../../rig/checked.ts';
import { CASES } from './cases.ts';
import { NOTES } from './notes.ts';
import { manifestOf } from './pods.ts';

describe('k8s-run check finds', () => {
  let found: ReadonlyMap<string, readonly Reported[]> = new Map();
  // One call for all of them: each is a document of its own, and none is to disturb another.
  before(async () => {
    const all = [...CASES, ...NOTES].map(([, change], index) => manifestOf(`m${index}`, change)).join('---\n');
    found = Map.groupBy(await findingsIn(all), ({ about }) => about.split(' ')[1] ?? '');
  });

  for (const [index, [what, , ...rules]] of CASES.entries()) {
    test(`${what}: ${rules.length === 0 ? 'nothing' : rules.join(', ')}`, () => {
      const findings = (found.get(`m${index}`) ?? []).filter(({ severity }) => severity !== 'note');
      assert.deepEqual(findings.map(({ rule }) => rule).sort(), [...rules].sort(), JSON.stringify(findings, null, 1));
    });
  }

  for (const [index, [what, , rule]] of NOTES.entries()) {
    test(`${what}: ${rule}, as a note`, () => {
      const findings = (found.get(`m${CASES.length + index}`) ?? []).filter((each) => each.rule === rule);
      assert.deepEqual(
        findings.map(({ severity }) => severity),
        ['note'],
      );
    });
  }

  test('every rule that a workload can break is broken above', () => {
    const ofText = ['not-yaml', 'not-kubernetes', 'passed-over', 'template-left', 'too-much', 'cannot-read'];
    const broken = new Set([...CASES.flatMap(([, , ...rules]) => rules), ...NOTES.map(([, , rule]) => rule)]);
    assert.deepEqual(
      Object.keys(RULES).filter((rule) => !broken.has(rule) && !ofText.includes(rule)),
      [],
    );
  });
});
