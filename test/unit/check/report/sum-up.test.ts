import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReportedFinding } from '../../../../src/check/checker.ts';
import { sumUp } from '../../../../src/check/report/sum-up.ts';
import { asTextReport } from '../../../../src/check/report/text-format.ts';

const finding = (file: string, more: Partial<ReportedFinding> = {}): ReportedFinding => ({
  ...{ rule: 'no-memory-limit', severity: 'note', file, line: 3, column: 5, object: 'Deployment web' },
  ...{ reason: 'no limit', fix: 'set it', fixable: false, fixed: false, page: 'https://x/#no-memory-limit' },
  ...more,
});
const STYLE = { colours: false, width: null, verbose: false, fixing: false };
const report = (findings: readonly ReportedFinding[], verbose = false): string =>
  asTextReport({ findings, documents: 1, workloads: 1, ignored: 0 }, { ...STYLE, verbose });

test('notes of one rule in one folder are one sum, with the first of them', () => {
  const findings = [finding('a/1.yaml'), finding('a/2.yaml'), finding('b/1.yaml'), finding('b/1.yaml')];
  assert.deepEqual(sumUp(findings), {
    single: [],
    sums: [
      { rule: 'no-memory-limit', count: 2, where: 'a', first: findings[0] },
      { rule: 'no-memory-limit', count: 2, where: 'b', first: findings[2] },
    ],
  });
});

test('errors, warnings, a note that comes once in its folder, and what was corrected stay by themselves', () => {
  const findings = [
    ...[finding('a/1.yaml', { severity: 'error' }), finding('a/2.yaml', { severity: 'error' })],
    ...[finding('a/1.yaml', { severity: 'warning' }), finding('a/2.yaml', { severity: 'warning' })],
    ...[finding('a/1.yaml'), finding('b/1.yaml'), finding('a/1.yaml', { rule: 'no-k8s-run' })],
    ...[finding('a/1.yaml', { fixed: true }), finding('a/2.yaml', { fixed: true })],
  ];
  assert.deepEqual(sumUp(findings), { single: findings, sums: [] });
});

test('a rule with notes in many folders is one sum', () => {
  const findings = Array.from({ length: 40 }, (_, index) => finding(`f${index}/a.yaml`));
  assert.deepEqual(sumUp(findings), {
    single: [],
    sums: [{ rule: 'no-memory-limit', count: 40, where: '40 folders', first: findings[0] }],
  });
});

test('the report has one line for each sum, and the reason once for each rule', () => {
  const findings = ['a/1.yaml', 'a/2.yaml', 'b/1.yaml', 'b/2.yaml', 'c/1.yaml'].map((file) => finding(file));
  const [single, sums] = report(findings).split('\n\n');
  assert.match(single ?? '', /^c\/1\.yaml Deployment web\n {2}note no-memory-limit c\/1\.yaml:3:5\n/);
  assert.match(
    sums ?? '',
    /^Notes that come more than once \(--verbose shows each\)\n {2}note no-memory-limit 2 in a, first a\/1\.yaml:3:5\n {2}note no-memory-limit 2 in b, first b\/1\.yaml:3:5\n {4}A memory leak .*\n {4}fix: .*$/,
  );
  assert.match(
    report(findings),
    /\n5 notes in 1 workload of 1 document\nMore about a rule: https:\/\/x\/#no-memory-limit\n$/,
  );
  assert.equal(report(findings, true).match(/note no-memory-limit /g)?.length, 5);
});

test('the report of a repository with a thousand notes has a few lines', () => {
  const findings = Array.from({ length: 1_000 }, (_, index) =>
    finding(`d${index % 100}/${index}.yaml`, { rule: index % 2 === 0 ? 'skipped-file' : 'no-memory-limit' }),
  );
  const lines = report(findings).split('\n');
  assert.ok(lines.length < 15, lines.join('\n'));
  assert.ok(lines.includes('  note skipped-file 500 in 50 folders, first d0/0.yaml:3:5'), lines.join('\n'));
});
