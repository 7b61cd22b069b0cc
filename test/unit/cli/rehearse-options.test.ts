import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  type RehearseOptions,
  type RehearseOptionsResult,
  readRehearseOptions,
} from '../../../src/cli/rehearse-options.ts';

async function read(...words: readonly string[]): Promise<RehearseOptionsResult> {
  const found = await readRehearseOptions(words, {});
  assert.ok(typeof found !== 'number');
  return found;
}

async function options(...words: readonly string[]): Promise<RehearseOptions> {
  const found = await read(...words);
  assert.ok('ok' in found, JSON.stringify(found));
  return found.ok;
}

test("the words of a rehearsal are split into its own options, those of k8s-run, and the app's command", async () => {
  const words = [
    '--rate=200',
    '--grace',
    '40s',
    '--no-interactive',
    '--compare',
    '--lag',
    '1s',
    '--',
    'node',
    '--rate',
    '1',
  ];
  const { rate, lag, compare, passed, command, config } = await options(...words);
  assert.deepEqual([rate, lag, compare, config.grace], [200, 1_000, 'alone', 40_000]);
  assert.deepEqual(passed, ['--grace', '40s', '--no-interactive']);
  assert.deepEqual(command, ['node', '--rate', '1']);
  assert.deepEqual((await options('--compare', '--init', 'node', 'x')).compare, 'init');
  assert.deepEqual((await options('--paths', '/,/a?b=c', '--kept-alive=25%', 'node')).paths, ['/', '/a?b=c']);
});

const folder = mkdtempSync(join(tmpdir(), 'rehearse-options-'));
after(() => rmSync(folder, { recursive: true }));

function manifest(command: string): string {
  const path = join(folder, 'deploy.yaml');
  const env = 'env: [{ name: K8S_RUN_GRACE, value: 4s }, { name: K8S_RUN_PROBE_PERIOD, value: 3s }]';
  writeFileSync(path, `kind: Pod\nspec: { containers: [{ name: a, command: ${command}, ${env} }] }\n`);
  return path;
}

test("an option on the command line of a rehearsal wins over the manifest's flag, and that over its variable", async () => {
  const path = manifest('[k8s-run, --shutdown-delay, 11s, --grace, 9s, --remap-exit, "1:0", --]');
  const { config, passed, fromManifest } = await options(
    '--manifest',
    path,
    '--shutdown-delay=2s',
    '--remap-exit',
    '2:0',
    'node',
  );
  assert.deepEqual([config.shutdownDelay, config.grace, config.probePeriod], [2_000, 9_000, 3_000]);
  assert.deepEqual(config.remapExit, [[2, 0]]);
  assert.deepEqual(passed, ['--grace=9s', '--shutdown-delay=2s', '--remap-exit', '2:0']);
  assert.deepEqual(fromManifest, ['--grace']);
});

test('a mistake in a k8s-run option of the manifest is reported with its line and column', async () => {
  const found = await read('--manifest', manifest('[k8s-run, --grace, soon, --]'), 'node');
  assert.match('code' in found ? found.text : '', /deploy\.yaml:2:33 --grace "soon": not a duration/);
});

test('all mistakes in the options of a rehearsal are reported together, each with its value', async () => {
  const found = await read(
    '--rate=fast',
    '--lag=-1',
    '--paths=x',
    '--report=a.pdf',
    '--grace=soon',
    '--init',
    '--',
    'node',
  );
  assert.ok('code' in found);
  assert.equal(found.code, 78);
  for (const part of ['--rate "fast"', '--lag "-1"', '--paths "x"', '--report "a.pdf"', '--grace "soon"', '--init'])
    assert.ok(found.text.includes(`cannot use ${part}`), `${part} in\n${found.text}`);
});

test('a --report into a folder that does not exist is refused before anything is started', async () => {
  const found = await read('--report=/no/such/folder/r.html', 'node');
  assert.match(
    'code' in found ? found.text : '',
    /--report "\/no\/such\/folder\/r\.html": there is no folder \/no\/such/,
  );
  assert.equal((await options('--report', 'r.html', 'node')).report, 'r.html');
});

test('a rehearsal without a command is a usage error, exit code 64', async () => {
  const nothing = await read('--rate=5');
  const text =
    'k8s-run rehearse: cannot rehearse: no command given; write k8s-run rehearse [options] -- <command>\nk8s-run rehearse --help lists its options';
  assert.deepEqual(nothing, { code: 64, text });
});
