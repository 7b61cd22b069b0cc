import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { checkResultOf, checkText } from '../../rig/check-run.ts';
import { finishWords } from '../../rig/finished.ts';
import { runManifest } from '../manifest/manifest-run.ts';

const ROOT = new URL('../../..', import.meta.url).pathname;

test('k8s-run check finds nothing in what k8s-run manifest prints', async () => {
  const optionLists: readonly (readonly string[])[] = [
    [],
    ['--grace', '10m', '--drain-connections', '30s', '--pre-stop', 'true'],
    ['--termination-grace-period', '45'],
    ['--ready', 'process', '--replicas', '1'],
    ['--health-port', '9000', '--wait-for', 'exec:a,b'],
    ['--health-host', '127.0.0.1'],
    ['--ready', 'grpc://:50051', '--entrypoint', '/opt/k8s-run/bin/k8s-run'],
  ];
  for (const options of optionLists) {
    const { stdout } = await runManifest(options, ['sh', '-c', 'node server.js']);
    const { findings, workloads } = await checkResultOf(stdout);
    assert.equal(workloads, 1);
    // No manifest without a command shows whether the ENTRYPOINT of the image is k8s-run.
    const found = findings.map(({ rule }) => rule).filter((rule) => rule !== 'entrypoint-assumed');
    assert.deepEqual(found, [], `${options} ${JSON.stringify(findings)}`);
  }
});

/** The YAML blocks of the pages that contain a workload. */
const BLOCKS = globSync(['README.md', 'docs/**/*.md', 'examples/**/*.md'], { cwd: ROOT }).flatMap((page) =>
  [...readFileSync(`${ROOT}/${page}`, 'utf8').matchAll(/^```yaml\n([\s\S]*?)^```/gm)]
    .map(([, text = '']) => ({ page, text }))
    .filter(({ text }) => /^kind: (Deployment|StatefulSet|DaemonSet|Job|Pod)$/m.test(text)),
);

test('k8s-run check finds nothing in the manifests of docs/ and examples/', async () => {
  assert.ok(BLOCKS.length > 0);
  for (const { page, text } of BLOCKS) {
    if (text.includes('# a manifest with mistakes')) continue;
    const { findings } = await checkResultOf(text);
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

test('docs/how-to/manifests.md shows what k8s-run check and k8s-run manifest print', async () => {
  const page = readFileSync(`${ROOT}/docs/how-to/manifests.md`, 'utf8');
  const [, manifest = ''] = /^```yaml\n(# a manifest with mistakes[\s\S]*?)^```/m.exec(page) ?? [];
  const [, report = ''] = /^```\n(web\.yaml Deployment web\n[\s\S]*?)^```/m.exec(page) ?? [];
  const { stdout } = await checkText(manifest);
  assert.equal(report, stdout.replaceAll('stdin', 'web.yaml'));
  const [, command = ''] = /^k8s-run manifest (--name .*) > web\.yaml$/m.exec(page) ?? [];
  const [options = '', app = ''] = command.split(' -- ');
  const { stdout: yaml } = await runManifest(options.split(' '), app.split(' '));
  const [, excerpt = ''] = /^```yaml\n(# --shutdown-delay[\s\S]*?)^```/m.exec(page) ?? [];
  assert.ok(excerpt !== '' && yaml.includes(excerpt.replace(/^/gm, ' '.repeat(6)).trimEnd()), `${excerpt} in ${yaml}`);
  assert.ok(parseAllDocuments(yaml).length === 3);
});
