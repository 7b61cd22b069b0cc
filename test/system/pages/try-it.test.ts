import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { VERSION } from '../../../src/version.ts';
import { blocksOf } from '../../rig/how-to.ts';
import { runInject } from '../inject/inject-run.ts';

const PAGE = 'try-it.md';
const IMAGE = ['--image', `registry.example.com/k8s-run:${VERSION}`];
const [before = '', after = '', config = ''] = blocksOf(PAGE, 'yaml');

describe('docs/how-to/try-it.md', () => {
  test('the manifest of the page becomes what the page shows, and comes back', async () => {
    const { code, stdout } = await runInject([...IMAGE, '-'], before);
    assert.equal(code, 0);
    assert.deepEqual(parse(stdout).spec.template.spec, parse(after));
    // The lines are those of the page too.
    for (const line of after.split('\n').filter((each) => !each.startsWith('#')))
      assert.ok(stdout.includes(line.trim()), line);
    assert.equal((await runInject(['--remove', '-'], stdout)).stdout, before);
  });

  test('without a command the sentence of the page is said, and each way out of the page works', async () => {
    const bare = before.replace(/ *command:.*\n/, '');
    const refusal = await runInject([...IMAGE, '-'], bare);
    assert.equal(refusal.code, 1);
    const shown = blocksOf(PAGE, '').find((block) => block.startsWith('k8s-run inject:')) ?? '';
    assert.ok(
      refusal.stderr.replace('stdin:2', 'web.yaml:1').startsWith(shown.replace(/ …\n$/, '')),
      `${shown}\n${refusal.stderr}`,
    );
    const given = await runInject(
      [...IMAGE, '--entrypoint', 'web=["docker-entrypoint.sh","node","server.js"]', '-'],
      bare,
    );
    const command = ['/opt/k8s-run/bin/k8s-run', '--', 'docker-entrypoint.sh', 'node', 'server.js'];
    assert.deepEqual(parse(given.stdout).spec.template.spec.containers[0].command, command);
  });

  test('the functionConfig of the page has options that k8s-run inject knows', async () => {
    const list = {
      apiVersion: 'config.kubernetes.io/v1',
      kind: 'ResourceList',
      functionConfig: parse(config),
      items: [parse(before)],
    };
    const { code, stdout, stderr } = await runInject(['-'], JSON.stringify(list));
    assert.equal(code, 0, stderr);
    const { env } = JSON.parse(stdout).items[0].spec.template.spec.containers[0];
    assert.ok(
      env.some(({ name, value }: { name: string; value: string }) => name === 'K8S_RUN_LOG_LEVEL' && value === 'warn'),
    );
  });
});
