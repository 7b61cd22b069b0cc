import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { checkResultOf, checkText, findingsIn } from '../../rig/check-run.ts';
import { finishWords } from '../../rig/finished.ts';
import { manifestOf } from './manifest-builder.ts';

const SHORT_GRACE = manifestOf('web', { container: { command: ['k8s-run', '--grace', '40s', '--'] } });
const lineOf = (text: string, part: string): number => text.slice(0, text.indexOf(part)).split('\n').length;

describe('each finding has its position', () => {
  test('a finding has its line and column in the file, whatever is before its document', async () => {
    const before =
      '# a comment\n---\n\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  x: |\n    text\n...\n---\n';
    for (const [text, newline] of [
      [before + SHORT_GRACE, '\n'],
      [(before + SHORT_GRACE).replaceAll('\n', '\r\n'), '\r\n'],
    ] as const) {
      const { findings, documents, workloads } = await checkResultOf(text);
      const [found] = findings;
      const at = 'terminationGracePeriodSeconds';
      const line = lineOf(text, at);
      assert.deepEqual([found?.file, found?.line], ['stdin', line]);
      assert.equal(found?.column, (text.split(newline)[line - 1] ?? '').indexOf(at) + 1);
      assert.deepEqual([documents, workloads], [3, 1]);
    }
  });

  test('a finding in a nested List, or reached through a merge key, has its line', async () => {
    const item = SHORT_GRACE.replace(/^/gm, '      ').trim();
    const list = `apiVersion: v1\nkind: List\nitems:\n  - apiVersion: v1\n    kind: List\n    items:\n    - ${item}\n`;
    const [found] = await findingsIn(list);
    assert.deepEqual([found?.rule, found?.line], ['grace-period-too-short', lineOf(list, 'terminationGrace')]);
    const merged = `x: &defaults\n  terminationGracePeriodSeconds: 5\n${SHORT_GRACE.replace(/terminationGracePeriodSeconds: 30/, '<<: *defaults')}`;
    const [through] = await findingsIn(merged);
    assert.deepEqual([through?.rule, through?.fixable], ['grace-period-too-short', false]);
    assert.match(through?.reason ?? '', /The pod has 5 s/);
  });

  test('a finding about a missing field is at the map that should have it', async () => {
    const text = SHORT_GRACE.replace(/^ *terminationGracePeriodSeconds.*\n/m, '');
    const [found] = await findingsIn(text);
    assert.equal(found?.rule, 'grace-period-too-short');
    assert.equal(found?.line, text.split('\n').findLastIndex((line) => /^ {4}spec:/.test(line)) + 1);
  });
});

const BOMB = `${Array.from({ length: 40 }, (_, i) => `b${i}: &b${i} [${i === 0 ? '1, 1' : `*b${i - 1}, *b${i - 1}`}]`).join('\n')}\napiVersion: v1\nkind: Pod\nspec: {containers: *b39}\n`;

describe('what is not a manifest is one finding', () => {
  const texts: readonly (readonly [what: string, text: string, rule: string, reason: RegExp])[] = [
    [
      'a template',
      'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ .Release.Name }}\n',
      'unrendered-template',
      /\{\{ \.Release\.Name \}\}.*/,
    ],
    [
      'a template in a block',
      '{{- if .Values.on }}\napiVersion: v1\nkind: Pod\n{{- end }}\n',
      'unrendered-template',
      /\{\{- if \.Values\.on \}\}/,
    ],
    [
      'a quoted template',
      'apiVersion: v1\nkind: Pod\nmetadata: {name: "{{ .name }}-x"}\n',
      'unrendered-template',
      /\{\{ \.name \}\}/,
    ],
    [
      'another YAML',
      'services:\n  web: {image: web}\n',
      'not-kubernetes',
      /no apiVersion and kind: its keys are services/,
    ],
    [
      'a Deployment without a pod',
      'apiVersion: apps/v1\nkind: Deployment\nspec: 5\n',
      'not-kubernetes',
      /Deployment \(no name\) has no list of containers at spec\.template\.spec\.containers/,
    ],
    ['a scalar', 'hello\n', 'not-kubernetes', /it is not a map/],
    ['an open bracket', 'a: [1\n', 'not-yaml', /not valid YAML/],
    ['a tab', 'a:\n\tb: 1\n', 'not-yaml', /not valid YAML/],
    ['many brackets', '['.repeat(100_000), 'not-yaml', /nested too deeply/],
  ];
  for (const [what, text, rule, reason] of texts) {
    test(`k8s-run check reports ${what} as ${rule}`, async () => {
      const [found, ...others] = await findingsIn(text);
      assert.deepEqual([found?.rule, others.length], [rule, 0]);
      assert.match(found?.reason ?? '', reason);
      assert.ok((found?.fix ?? '') !== '');
    });
  }

  test('k8s-run check does not expand aliases that multiply', async () => {
    const findings = await findingsIn(BOMB);
    assert.ok(findings.length > 0 && findings.length < 10);
  });

  test('braces in an argument of the app are no template', async () => {
    assert.deepEqual(await findingsIn(manifestOf('web', { container: { args: ['watch', '--format={{.Name}}'] } })), []);
  });

  test('braces in kinds without pods and in annotations are no template', async () => {
    const rule = `apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: {name: a}
spec:
  groups:
  - name: a
    rules:
    - alert: Down
      annotations:
        summary: "{{ $labels.instance }} is down"
        description: Instance {{ $labels.instance }} is down
---
apiVersion: v1
kind: ConfigMap
metadata: {name: b}
data:
  x.tmpl: |
    {{ range .Items }}
      {{ . }}: {{ .Name }}
    {{ end }}
---
`;
    const vault = SHORT_GRACE.replace(
      /^( {4})metadata:\n/m,
      `$&$1  annotations:
$1    vault.hashicorp.com/agent-inject-template-a: |
$1      {{- with secret "a" -}}
$1      {{ .Data.b }}
$1      {{- end }}
`,
    );
    assert.ok(vault !== SHORT_GRACE);
    assert.deepEqual(
      (await findingsIn(rule + vault)).map(({ rule }) => rule),
      ['grace-period-too-short'],
    );
  });

  test('a template in place of a value, or in a field that rules read, is reported', async () => {
    for (const [from, to] of [
      ['image: web:1', 'image: "{{ .Values.image }}"'],
      ['replicas: 2', "replicas: '{{ .Values.replicas }}'"],
      ['replicas: 2', 'replicas: {{ .Values.replicas }}'],
    ] as const) {
      const [found] = await findingsIn(SHORT_GRACE.replace(from, to));
      assert.deepEqual([found?.rule, found?.line], ['unrendered-template', lineOf(SHORT_GRACE, from)], to);
    }
  });

  test('kinds without pods and empty documents have no findings', async () => {
    const { findings, documents } = await checkResultOf(
      '---\n# nothing\n---\napiVersion: v1\nkind: Secret\ndata: {a: b}\n---\n',
    );
    assert.deepEqual([findings.length, documents], [0, 3]);
  });

  test('k8s-run check checks ten thousand documents, and reports that there are more', async () => {
    const one = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\n';
    const { findings, documents } = await checkResultOf(one.repeat(10_001));
    assert.equal(documents, 10_000);
    assert.deepEqual(
      findings.map(({ rule, line }) => [rule, line]),
      [['too-many-documents', 40_000]],
    );
  });

  test('no report shows a value of the manifest', async () => {
    const secret = 'hunter2';
    const env = [
      { name: 'K8S_RUN_READY', value: `http://:1/x?token=${secret}#` },
      { name: 'PASSWORD', value: secret },
      { name: 'N', value: 3 },
    ];
    for (const text of [
      manifestOf('web', { container: { env, args: ['sh', '-c', secret] } }),
      `a: "${secret}\nkind: [`,
    ]) {
      for (const format of ['text', 'json', 'sarif', 'github']) {
        const { stdout, stderr } = await checkText(text, ['--format', format]);
        assert.ok(!`${stdout}${stderr}`.includes(secret), `${format} ${stdout}`);
      }
    }
  });
});

describe('files and folders of k8s-run check', () => {
  test('a folder is checked in the order of names, without hidden folders and node_modules', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'check-'));
    try {
      for (const name of ['.git', 'node_modules', 'b']) await mkdir(join(folder, name));
      for (const name of ['.git/x.yaml', 'node_modules/x.yaml', 'b/c.yml', 'a.yaml', 'readme.md'])
        await writeFile(join(folder, name), SHORT_GRACE);
      await writeFile(join(folder, 'd.json'), '{"apiVersion": "v1", "kind": "ConfigMap"}');
      await symlink('nowhere', join(folder, 'e.yaml'));
      await writeFile(join(folder, 'values.yaml'), 'image: web\n');
      const run = await finishWords(['check', '--format', 'json', folder]);
      assert.equal(run.code, 1);
      const { findings } = JSON.parse(run.stdout);
      assert.deepEqual(
        findings.map(({ file, rule }: { file: string; rule: string }) => [file.slice(folder.length + 1), rule]),
        [
          ['a.yaml', 'grace-period-too-short'],
          ['e.yaml', 'file-error'],
          ['values.yaml', 'skipped-file'],
          ['b/c.yml', 'grace-period-too-short'],
        ],
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('a patch that a kustomization.yaml names is not checked', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'check-'));
    try {
      for (const name of ['base', 'prod', 'shared']) await mkdir(join(folder, name));
      const patch = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3}\n';
      const texts = {
        'base/kustomization.yaml': 'resources: [web.yaml]\n',
        'base/web.yaml': SHORT_GRACE,
        'prod/kustomization.yaml': `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [../base]
patches: [{path: a.yaml}, {patch: "[]", target: {kind: Deployment}}, {path: ../base/of-prod.yaml}]
patchesStrategicMerge: [b.yaml, "a: 1\\nb: 2\\n"]
`,
        'prod/a.yaml': '- {op: remove, path: /spec/replicas}\n',
        'prod/b.yaml': patch,
        'base/of-prod.yaml': SHORT_GRACE.replace('image: web:1', ''),
        'shared/c.yaml': patch,
      };
      for (const [name, text] of Object.entries(texts)) await writeFile(join(folder, name), text);
      const run = await finishWords(['check', '--format', 'json', folder]);
      const { findings } = JSON.parse(run.stdout);
      assert.deepEqual(
        findings.map(({ file, rule }: { file: string; rule: string }) => [file.slice(folder.length + 1), rule]),
        [
          ['base/of-prod.yaml', 'skipped-patch'],
          ['base/web.yaml', 'grace-period-too-short'],
          ['prod/a.yaml', 'skipped-patch'],
          ['prod/b.yaml', 'skipped-patch'],
          ['shared/c.yaml', 'skipped-patch'],
        ],
      );
      assert.match(run.stdout, /kustomize build \. \| k8s-run check -/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('a file that cannot be read is a finding, and the others are checked', async () => {
    const run = await finishWords(['check', '/nowhere.yaml', '/dev/zero', process.execPath]);
    assert.equal(run.code, 1);
    assert.match(run.stdout, /no such file[\s\S]*it is a device[\s\S]*(not UTF-8 text|larger than 64 MiB)/);
  });

  test('k8s-run check without a manifest, or with an unknown format, is a mistake of the command line', async () => {
    const none = await finishWords(['check']);
    assert.deepEqual([none.code, none.stdout], [64, '']);
    assert.match(none.stderr, /cannot check: no manifest given; name files, folders, or - for stdin/);
    const format = await finishWords(['check', '--format', 'xml', 'x']);
    assert.equal(format.code, 64);
    assert.match(format.stderr, /cannot use --format "xml": must be one of text, json, sarif, github/);
  });
});
