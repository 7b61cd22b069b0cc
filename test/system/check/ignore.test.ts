import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parse, stringify } from 'yaml';
import { checkResultOf, checkText } from '../../rig/check-run.ts';
import { finishWords } from '../../rig/finished.ts';
import { manifestOf } from './manifest-builder.ts';

const RECREATE = { spec: { strategy: { type: 'Recreate' } }, container: { resources: undefined } };

/** A manifest with an annotation `k8s-run/ignore` in the metadata at this path. */
function ignoring(text: string, rules: string, ...path: readonly string[]): string {
  const object = parse(text);
  const at = path.reduce((node, key) => node[key], object);
  at.metadata = { ...at.metadata, annotations: { 'k8s-run/ignore': rules } };
  return stringify(object);
}

async function rulesIn(text: string, words: readonly string[] = []): Promise<readonly string[]> {
  const { stdout } = await checkText(text, ['--format', 'json', ...words]);
  return JSON.parse(stdout)
    .findings.map(({ rule }: { readonly rule: string }) => rule)
    .sort();
}

describe('rules to ignore', () => {
  const web = manifestOf('web', RECREATE);

  test('the annotation k8s-run/ignore leaves rules out of its object, and the summary counts them', async () => {
    assert.deepEqual(await rulesIn(web), ['no-memory-limit', 'no-surge']);
    const ignored = ignoring(web, ' no-surge,\n no-memory-limit ');
    assert.deepEqual(await rulesIn(`${ignored}---\n${web.replaceAll('web', 'api')}`), ['no-memory-limit', 'no-surge']);
    const { code, stdout } = await checkText(ignored);
    assert.equal(code, 0);
    assert.equal(stdout, 'No findings, 2 ignored in 1 workload of 1 document\n');
    assert.equal((await checkResultOf(ignored)).ignored, 2);
  });

  test('the annotation may be at the template of the pods, of a CronJob and in a List', async () => {
    assert.deepEqual(await rulesIn(ignoring(web, 'no-surge', 'spec', 'template')), ['no-memory-limit']);
    const job = { template: { spec: { containers: [{ name: 'a', image: 'a', command: ['sh', '-c', 'a; b'] }] } } };
    const cron = stringify({
      ...{ apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'dump' } },
      spec: { jobTemplate: { spec: job } },
    });
    const all = await rulesIn(cron);
    assert.ok(all.includes('shell-entrypoint'));
    for (const path of [[], ['spec', 'jobTemplate'], ['spec', 'jobTemplate', 'spec', 'template']])
      assert.deepEqual(
        await rulesIn(ignoring(cron, 'shell-entrypoint', ...path)),
        all.filter((rule) => rule !== 'shell-entrypoint'),
      );
    const items = [parse(ignoring(web, 'no-surge')), parse(web)];
    const list = stringify({ apiVersion: 'v1', kind: 'List', items });
    assert.deepEqual(await rulesIn(list), ['no-memory-limit', 'no-memory-limit', 'no-surge']);
  });

  test('a name that no rule has is a note with a guess', async () => {
    const { findings } = await checkResultOf(ignoring(web, 'no-surg,xyz,no-memory-limit'));
    assert.deepEqual(
      findings.map(({ rule, severity, fix }) => [rule, severity, fix]),
      [
        ['unknown-ignored-rule', 'note', 'Write no-surge, or remove it'],
        ['unknown-ignored-rule', 'note', 'Correct the name, or remove it'],
        ['no-surge', 'warning', findings[2]?.fix],
      ],
    );
    assert.match(findings[1]?.reason ?? '', /^k8s-run\/ignore names "xyz", but no rule has this name$/);
    const service =
      'apiVersion: v1\nkind: Service\nmetadata: { name: web, annotations: { k8s-run/ignore: nothing } }\n';
    assert.deepEqual(
      (await checkResultOf(service)).findings.map(({ rule, object }) => [rule, object]),
      [['unknown-ignored-rule', 'Service web']],
    );
  });

  test('--ignore leaves rules out everywhere, also those about files', async () => {
    assert.deepEqual(await rulesIn(web, ['--ignore', 'no-surge']), ['no-memory-limit']);
    assert.deepEqual(await rulesIn(web, ['--ignore', 'no-surge', '--ignore=no-k8s-run,no-memory-limit']), []);
    assert.equal((await finishWords(['check', '--ignore', 'file-error', '/no/such/file'])).code, 0);
    const { code, stdout } = await checkText('a: 1', ['--ignore', 'not-kubernetes']);
    assert.deepEqual([code, stdout], [0, 'No findings, 1 ignored in 0 workloads of 1 document\n']);
  });

  test('--ignore with a name that no rule has is a mistake of the command line, with a guess', async () => {
    const { code, stderr, stdout } = await finishWords(['check', '--ignore', 'no-surg,x', '/no/such/file']);
    assert.deepEqual([code, stdout], [64, '']);
    assert.match(stderr, /cannot use --ignore "no-surg": no rule has this name; did you mean no-surge\?\n/);
    assert.match(
      stderr,
      /cannot use --ignore "x": no rule has this name; https:\S+#findings-of-check lists the rules\n/,
    );
  });

  test('--fix corrects nothing that is ignored', async () => {
    const broken = manifestOf('web', { container: { command: ['k8s-run', '--grace', '40s', '--'] } });
    const ignored = ignoring(broken, 'grace-period-too-short');
    const own = await checkText(ignored, ['--fix']);
    assert.deepEqual([own.code, own.stdout], [0, ignored]);
    assert.match(own.stderr, /^No findings, 1 ignored in/);
    const all = await checkText(broken, ['--fix', '--ignore', 'grace-period-too-short']);
    assert.deepEqual([all.code, all.stdout], [0, broken]);
    // What is not ignored is corrected, in several passes, and what is ignored is counted once.
    const both = await checkText(
      ignoring(
        manifestOf('web', { container: { command: ['k8s-run', '--grace', '40s', '--'], readinessProbe: undefined } }),
        'grace-period-too-short',
      ),
      ['--fix'],
    );
    assert.match(both.stdout, /readinessProbe:/);
    assert.match(both.stdout, /terminationGracePeriodSeconds: 30/);
    assert.match(both.stderr, /\n1 fixed, 1 ignored in 1 workload of 1 document\n/);
  });
});
