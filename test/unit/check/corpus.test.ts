import assert from 'node:assert/strict';
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, test } from 'node:test';
import type { ReportedFinding } from '../../../src/check/checker.ts';
import { RULE_LIST } from '../../../src/check/rules/catalog.ts';
import { NEWEST_KUBERNETES } from '../../../src/check/rules/newer-fields.ts';
import { checkFiles } from '../../../src/cli/check.ts';
import { COMMAND_NAMES } from '../../../src/cli/commands.ts';

/**
 * A folder of test/check/corpus is named as the rule that it is about. `found…` is a manifest, or a folder of some, in which the
 * rule finds something; `clean…` is one like it in which it does not. The findings of every rule are in the file beside it,
 * `.expected`, each as its line and rule.
 */
const CORPUS = new URL('../../check/corpus', import.meta.url).pathname;
const EXPECTED = globSync('*/*.expected', { cwd: CORPUS }).sort();

/** Rules whose manifests would be too large for a file of the corpus. */
const ELSEWHERE: readonly string[] = ['too-many-documents'];

function manifestOf(expected: string): string {
  const path = join(CORPUS, expected.replace(/\.expected$/, ''));
  return readdirSync(join(path, '..')).includes(`${path.split('/').at(-1)}.yaml`) ? `${path}.yaml` : path;
}

/** The first line may name a version, as on a command line. */
function kubernetesOf(manifest: string): number {
  if (!manifest.endsWith('.yaml')) return NEWEST_KUBERNETES;
  const [, minor] = /^# k8s-run check --kubernetes-version v?1\.(\d+)/.exec(readFileSync(manifest, 'utf8')) ?? [];
  return minor === undefined ? NEWEST_KUBERNETES : Number(minor);
}

function findingsIn(manifest: string): readonly ReportedFinding[] {
  const request = { fix: false, kubernetes: kubernetesOf(manifest), commands: COMMAND_NAMES };
  return checkFiles([manifest], request).result.findings;
}

function lineOf(manifest: string, { file, line, rule }: ReportedFinding): string {
  return manifest.endsWith('.yaml') ? `${line} ${rule}` : `${relative(manifest, file)}:${line} ${rule}`;
}

describe('the corpus of k8s-run check', () => {
  for (const expected of EXPECTED) {
    const manifest = manifestOf(expected);
    const [rule = '', name = ''] = expected.split('/');
    test(`k8s-run check finds what is expected in ${relative(CORPUS, manifest)}`, () => {
      const findings = findingsIn(manifest);
      const lines = readFileSync(join(CORPUS, expected), 'utf8')
        .split('\n')
        .filter((line) => line !== '');
      assert.deepEqual(
        findings.map((finding) => lineOf(manifest, finding)),
        lines,
        JSON.stringify(findings, null, 1),
      );
      assert.equal(
        lines.some((line) => line.endsWith(` ${rule}`)),
        name.startsWith('found'),
      );
    });
  }

  test('every rule has a manifest in which it is found, and one in which it is not', () => {
    const folders = new Set(readdirSync(CORPUS));
    const rules = RULE_LIST.map(({ name }) => name).filter((name) => !ELSEWHERE.includes(name));
    assert.deepEqual(
      [...folders].filter((folder) => !rules.some((name) => name === folder)),
      [],
    );
    const missing = rules.flatMap((rule) =>
      ['found', 'clean']
        .filter((name) => !EXPECTED.includes(`${rule}/${name}.expected`))
        .map((name) => `${rule}/${name}`),
    );
    assert.deepEqual(missing, []);
  });

  test('every manifest of the corpus has its expected findings beside it', () => {
    const manifests = globSync(['*/*.yaml', '*/*/'], { cwd: CORPUS, withFileTypes: true })
      .filter((entry) => entry.isDirectory() || entry.name.endsWith('.yaml'))
      .map((entry) => relative(CORPUS, join(entry.parentPath, entry.name)))
      .filter((path) => path.split('/').length === 2);
    assert.ok(manifests.length >= 120, `${manifests.length}`);
    const without = manifests.filter((path) => !EXPECTED.includes(`${path.replace(/\.yaml$/, '')}.expected`));
    assert.deepEqual(without, []);
  });
});
