import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { RULES } from '../../../src/check/finding.ts';
import { checkText, outcomeOf } from '../../rig/checked.ts';
import { finishWords } from '../../rig/finished.ts';
import { printed } from '../manifest/printed.ts';

const ROOT = new URL('../../..', import.meta.url).pathname;

test('nothing is found in what k8s-run manifest prints', async () => {
  const lines: readonly (readonly string[])[] = [
    [],
    ['--grace', '10m', '--drain-connections', '30s', '--pre-stop', 'true'],
    ['--termination-grace-period', '45'],
    ['--ready', 'process', '--replicas', '1'],
    ['--health-port', '9000', '--wait-for', 'exec:a,b'],
    ['--health-host', '127.0.0.1'],
    ['--ready', 'grpc://:50051', '--entrypoint', '/opt/k8s-run/bin/k8s-run'],
  ];
  for (const options of lines) {
    const { stdout } = await printed(options, ['sh', '-c', 'node server.js']);
    const { findings, workloads } = await outcomeOf(stdout);
    assert.equal(workloads, 1);
    // Whether the ENTRYPOINT of the image is k8s-run cannot be seen in any manifest that does not name it.
    const found = findings.map(({ rule }) => rule).filter((rule) => rule !== 'entrypoint-assumed');
    assert.deepEqual(found, [], `${options} ${JSON.stringify(findings)}`);
  }
});

/** The YAML blocks of the pages that are Kubernetes objects. */
const BLOCKS = globSync(['README.md', 'docs/**/*.md', 'examples/**/*.md'], { cwd: ROOT }).flatMap((page) =>
  [...readFileSync(`${ROOT}/${page}`, 'utf8').matchAll(/^```yaml\n([\s\S]*?)^```/gm)]
    .map(([, text = '']) => ({ page, text }))
    .filter(({ text }) => /^kind: (Deployment|StatefulSet|DaemonSet|Job|Pod)$/m.test(text)),
);

test('nothing is found in the manifests of the pages, and of the examples', async () => {
  assert.ok(BLOCKS.length > 0);
  for (const { page, text } of BLOCKS) {
    if (text.includes('# what is wrong here')) continue;
    const { findings } = await outcomeOf(text);
    assert.deepEqual(
      findings.filter(({ severity }) => severity !== 'note'),
      [],
      page,
    );
  }
  const files = globSync('examples/**/*.{yaml,yml}', { cwd: ROOT }).filter((file) =>
    /^kind:/m.test(readFileSync(`${ROOT}/${file}`, 'utf8')),
  );
  for (const file of files) assert.equal((await finishWords(['check', file], { cwd: ROOT })).code, 0, file);
});

test('docs/how-to/manifests.md shows what is printed', async () => {
  const page = readFileSync(`${ROOT}/docs/how-to/manifests.md`, 'utf8');
  const [, wrong = ''] = /^```yaml\n(# what is wrong here[\s\S]*?)^```/m.exec(page) ?? [];
  const [, told = ''] = /^```\n(web\.yaml Deployment web\n[\s\S]*?)^```/m.exec(page) ?? [];
  const { stdout } = await checkText(wrong);
  assert.equal(told, stdout.replaceAll('stdin', 'web.yaml'));
  const [, command = ''] = /^k8s-run manifest (--name .*) > web\.yaml$/m.exec(page) ?? [];
  const [options = '', app = ''] = command.split(' -- ');
  const { stdout: yaml } = await printed(options.split(' '), app.split(' '));
  const [, excerpt = ''] = /^```yaml\n(# --shutdown-delay[\s\S]*?)^```/m.exec(page) ?? [];
  assert.ok(excerpt !== '' && yaml.includes(excerpt.replace(/^/gm, ' '.repeat(6)).trimEnd()), `${excerpt} in ${yaml}`);
  assert.ok(parseAllDocuments(yaml).length === 3);
});

test('docs/how-to/manifests.md has every finding there is, with its severity', () => {
  const page = readFileSync(`${ROOT}/docs/how-to/manifests.md`, 'utf8');
  const rows = [...page.matchAll(/^\| `([\w-]+)` +\| (\w+) +\| (.*?) +\|$/gm)].map(([, ...cells]) => cells);
  assert.deepEqual(
    rows,
    Object.entries(RULES).map(([rule, [severity, about]]) => [rule, severity, about]),
  );
});
