import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { finishWords } from '../../rig/finished.ts';
import { manifestOf } from './manifest-builder.ts';

const folder = mkdtempSync(join(tmpdir(), 'charts-'));
after(() => rmSync(folder, { recursive: true }));

const TEMPLATE = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: {{ .Release.Name }} }\n';
const FILES: Readonly<Record<string, string>> = {
  'my chart/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
  'my chart/values.yaml': 'replicas: 2\n',
  'my chart/values.schema.json': '{}\n',
  'my chart/templates/web.yaml': TEMPLATE,
  'my chart/templates/api/api.yaml': TEMPLATE,
  'my chart/charts/db/Chart.yaml': 'apiVersion: v2\nname: db\nversion: 1.0.0\n',
  'my chart/charts/db/templates/db.yaml': TEMPLATE,
  'my chart/crds/crd.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n',
  'deploy/web.yaml': manifestOf('web', {}),
  'deploy/template.yaml': TEMPLATE,
  'deploy/broken.yaml': 'apiVersion: v1\nkind: Pod\nspec: [\n',
  'deploy/other.yaml': 'a: [\n',
  'deploy/picture.json': '\0\x01',
};
for (const [path, text] of Object.entries(FILES)) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

type Found = readonly (readonly [rule: string, severity: string, file: string, fix?: string])[];

async function findingsIn(words: readonly string[], cwd = folder): Promise<Found> {
  const { stdout } = await finishWords(['check', '--format', 'json', ...words], { cwd });
  return JSON.parse(stdout).findings.map(
    ({ rule, severity, file, fix }: Readonly<Record<'rule' | 'severity' | 'file' | 'fix', string>>) =>
      rule === 'skipped-chart' ? [rule, severity, file, fix] : [rule, severity, file],
  );
}

const CHART = ['skipped-chart', 'note', 'my chart/Chart.yaml', "helm template 'my chart' | k8s-run check -"] as const;
const OTHERS: Found = [
  ['not-yaml', 'error', 'deploy/broken.yaml'],
  ['skipped-file', 'note', 'deploy/other.yaml'],
  ['skipped-file', 'note', 'deploy/picture.json'],
  ['unrendered-template', 'note', 'deploy/template.yaml'],
];

describe('charts and other templates', () => {
  test('a chart is one note at its Chart.yaml, with the command that renders it', async () => {
    assert.deepEqual(await findingsIn(['.']), [...OTHERS, CHART]);
    assert.deepEqual(await findingsIn(['my chart']), [CHART]);
  });

  test('the templates of a chart, and a folder in them, are the same note', async () => {
    for (const path of ['my chart/templates', 'my chart/templates/api'])
      assert.deepEqual(await findingsIn([path]), [CHART]);
    assert.deepEqual(await findingsIn(['.'], join(folder, 'my chart/templates/api')), [
      ['skipped-chart', 'note', '../../Chart.yaml', 'helm template ../.. | k8s-run check -'],
    ]);
  });

  test('a template that is named is an error', async () => {
    assert.deepEqual(await findingsIn(['my chart/templates/web.yaml', 'deploy/template.yaml']), [
      ['unrendered-template', 'error', 'my chart/templates/web.yaml'],
      ['unrendered-template', 'error', 'deploy/template.yaml'],
    ]);
  });

  test('with --skip-others named files are skipped as those of a folder are, and a chart is one note', async () => {
    const files = Object.keys(FILES).filter((file) => !file.includes('charts/'));
    assert.deepEqual((await findingsIn(['--skip-others', ...files])).toSorted(), [CHART, ...OTHERS].toSorted());
    const { code } = await finishWords(['check', '--skip-others', 'my chart/values.yaml'], { cwd: folder });
    assert.equal(code, 0);
    assert.equal((await finishWords(['check', '--skip-others', 'no-such-file'], { cwd: folder })).code, 1);
  });
});
