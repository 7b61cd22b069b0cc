import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import type { ReportedFinding } from '../../../src/check/checker.ts';
import { RULE_LIST, type RuleName } from '../../../src/check/rules/catalog.ts';
import { pageOf } from '../../../src/check/rules/page.ts';
import { checkResultOf, checkText } from '../../rig/check-run.ts';
import { finishWords } from '../../rig/finished.ts';
import { needs } from '../../rig/needs.ts';
import { BIN } from '../../rig/supervised.ts';
import { openTerminal } from '../../rig/terminal.ts';
import { manifestOf } from './manifest-builder.ts';

const MANIFESTS = [
  manifestOf('web', { container: { command: ['k8s-run', '--grace', '40s', '--'], resources: undefined } }),
  manifestOf('100% odd: a,b\n', { container: { command: undefined } }),
].join('---\n');

type Sarif = {
  readonly runs: readonly [
    {
      readonly tool: {
        readonly driver: {
          readonly informationUri: string;
          readonly rules: readonly { readonly id: string; readonly helpUri: string }[];
        };
      };
      readonly results: readonly {
        readonly ruleId: string;
        readonly ruleIndex: number;
        readonly level: string;
        readonly locations: readonly [{ readonly physicalLocation: { readonly region: unknown } }];
      }[];
    },
  ];
};

test('--format sarif is valid by the schema of OASIS and has every finding', async () => {
  const path = createRequire(import.meta.url).resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json');
  // The schema is draft 4: its two keywords that differ are removed, and its patterns are not for the flag `u`.
  const { $schema, id, ...schema } = JSON.parse(await readFile(path, 'utf8'));
  assert.match($schema, /draft-04/);
  assert.match(id, /sarif-2\.1\.0/);
  const isSarif = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(schema);
  const { stdout, code } = await checkText(MANIFESTS, ['--format', 'sarif']);
  assert.equal(code, 1);
  const sarif: Sarif = JSON.parse(stdout);
  const isValid: boolean = isSarif(sarif);
  assert.ok(isValid, JSON.stringify(isSarif.errors));
  const { findings } = await checkResultOf(MANIFESTS);
  const [{ results, tool }] = sarif.runs;
  assert.deepEqual(
    results.map(({ ruleId, level, locations }) => [ruleId, level, locations[0].physicalLocation.region]),
    findings.map(({ rule, severity, line, column }) => [rule, severity, { startLine: line, startColumn: column }]),
  );
  for (const { ruleId, ruleIndex } of results) assert.equal(tool.driver.rules[ruleIndex]?.id, ruleId);
  assert.match(tool.driver.informationUri, /^https:\/\/[^\s/]+\/\S+$/);
  for (const { id, helpUri } of tool.driver.rules) assert.equal(helpUri, pageOf(id as RuleName));
  assert.equal(isSarif({ ...sarif, version: '3' }), false);
});

test('--format sarif names files as relative references', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sarif-'));
  try {
    await writeFile(join(folder, 'a b%.yaml'), MANIFESTS);
    const run = await finishWords(['check', '--format', 'sarif', 'a b%.yaml'], { cwd: folder });
    const [result] = JSON.parse(run.stdout).runs[0].results;
    assert.equal(result.locations[0].physicalLocation.artifactLocation.uri, 'a%20b%25.yaml');
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('--format github has one line for each finding, and escapes names', async () => {
  const { stdout } = await checkText(MANIFESTS, ['--format', 'github']);
  const { findings } = await checkResultOf(MANIFESTS);
  const lines = stdout.trimEnd().split('\n');
  assert.equal(lines.length, findings.length);
  for (const [index, { line, column, severity }] of findings.entries()) {
    const level = severity === 'note' ? 'notice' : severity;
    assert.ok(lines[index]?.startsWith(`::${level} file=stdin,line=${line},col=${column},title=`), stdout);
    assert.match(lines[index] ?? '', /^::\w+ file=[^,:]*,line=\d+,col=\d+,title=[^,:]*%3A[^,:]*::[^:]/);
  }
  assert.match(stdout, /100%25 odd%3A a%2Cb%0A::/);
});

test('--format github sums notes up, unless --verbose is set', async () => {
  const many = ['a', 'b', 'c'].map((name) => manifestOf(name, { container: { resources: undefined } })).join('---\n');
  const { stdout } = await checkText(many, ['--format', 'github']);
  assert.match(
    stdout,
    /^::notice file=stdin,.*, and other pods are killed too \(the first of 3 in stdin\)\. Fix: .*\n$/,
  );
  assert.equal((await checkText(many, ['--format', 'github', '--verbose'])).stdout.split('\n').length, 4);
});

test('docs/reference.md has the place that each finding links to', async () => {
  const reference = await readFile(new URL('../../../docs/reference.md', import.meta.url), 'utf8');
  for (const { name, reason, remedy } of RULE_LIST) {
    assert.match(pageOf(name), /^https:\/\/\S+\/blob\/v[\w.-]+\/docs\/reference\.md#[\w-]+$/);
    const cells = [`<a id="${new URL(pageOf(name)).hash.slice(1)}"></a>`, `${reason}.`, `${remedy}.`];
    const rows = reference
      .split('\n')
      .filter((line) => cells.every((cell) => line.includes(cell.replaceAll('|', '\\|'))));
    assert.equal(rows.length, 1, name);
  }
});

test('--format json has position, fix and object of each finding, and the numbers of documents and workloads', async () => {
  const { findings, documents, workloads, ignored } = await checkResultOf(MANIFESTS);
  assert.deepEqual([documents, workloads, ignored], [2, 2, 0]);
  const [first] = findings;
  const keys: readonly (keyof ReportedFinding)[] = [
    'rule',
    'severity',
    'file',
    'line',
    'column',
    'object',
    'reason',
    'fix',
    'fixable',
    'fixed',
    'page',
  ];
  assert.deepEqual(Object.keys(first ?? {}).sort(), [...keys].sort());
  for (const { rule, severity, page } of findings) {
    assert.equal(RULE_LIST.find(({ name }) => name === rule)?.severity, severity);
    assert.equal(page, pageOf(rule));
  }
});

test('--format text has no colours in a pipe', async () => {
  const { stdout } = await checkText(MANIFESTS);
  assert.ok(!stdout.includes('\x1b'));
  assert.match(stdout, /^stdin Deployment web\n {2}error grace-period-too-short stdin:\d+:\d+\n {4}The pod has 30 s/);
  assert.match(stdout, /\n1 error, 2 notes in 2 workloads of 2 documents\n/);
});

test('--format text prints no control characters of a manifest', async () => {
  const { stdout } = await checkText(
    manifestOf('a', {})
      .replaceAll('name: a', 'name: "a\\e[31mb"')
      .replace('replicas: 2', 'replicas: 1\n  strategy: {type: Recreate}'),
  );
  assert.match(stdout, /no-surge/);
  assert.ok(!stdout.includes('\x1b'));
});

test('--format text has colours on a terminal, unless NO_COLOR is set', { skip: needs('tmux') }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'colours-'));
  try {
    const file = join(folder, 'web.yaml');
    await writeFile(file, MANIFESTS);
    const words = [process.execPath, BIN, 'check', file];
    await using terminal = await openTerminal(words);
    assert.equal(await terminal.ended(), 1);
    assert.match(await terminal.coloured(), /\p{Cc}\[31merror/u);
    await using plain = await openTerminal(words, { NO_COLOR: '1' });
    assert.equal(await plain.ended(), 1);
    assert.match(await plain.screen(), /error grace-period-too-short/);
    assert.ok(!(await plain.coloured()).includes('\x1b[31m'));
  } finally {
    await rm(folder, { recursive: true });
  }
});
