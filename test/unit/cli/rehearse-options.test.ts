import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type ReadWishes, readWishes, type Wishes } from '../../../src/cli/rehearse-options.ts';

async function read(...words: readonly string[]): Promise<ReadWishes> {
  const found = await readWishes(words, {});
  assert.ok(typeof found !== 'number');
  return found;
}

async function wishes(...words: readonly string[]): Promise<Wishes> {
  const found = await read(...words);
  assert.ok('ok' in found, JSON.stringify(found));
  return found.ok;
}

test("its own options, k8s-run's, and the app's words are told apart", async () => {
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
  const { rate, lag, compare, passed, command, config } = await wishes(...words);
  assert.deepEqual([rate, lag, compare, config.grace], [200, 1_000, 'alone', 40_000]);
  assert.deepEqual(passed, ['--grace', '40s', '--no-interactive']);
  assert.deepEqual(command, ['node', '--rate', '1']);
  assert.deepEqual((await wishes('--compare', '--init', 'node', 'x')).compare, 'init');
  assert.deepEqual((await wishes('--paths', '/,/a?b=c', '--kept-alive=25%', 'node')).paths, ['/', '/a?b=c']);
});

const folder = mkdtempSync(join(tmpdir(), 'wishes-'));
after(() => rmSync(folder, { recursive: true }));

function manifest(command: string): string {
  const path = join(folder, 'deploy.yaml');
  const env = 'env: [{ name: K8S_RUN_GRACE, value: 4s }, { name: K8S_RUN_PROBE_PERIOD, value: 3s }]';
  writeFileSync(path, `kind: Pod\nspec: { containers: [{ name: a, command: ${command}, ${env} }] }\n`);
  return path;
}

test("a flag here goes before the manifest's, and that before its variables", async () => {
  const path = manifest('[k8s-run, --shutdown-delay, 11s, --grace, 9s, --remap-exit, "1:0", --]');
  const { config, passed, taken } = await wishes(
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
  assert.deepEqual(taken, ['--grace']);
});

test("a mistake in the manifest's options has its place", async () => {
  const found = await read('--manifest', manifest('[k8s-run, --grace, soon, --]'), 'node');
  assert.match('code' in found ? found.text : '', /deploy\.yaml:2:33 --grace "soon": not a duration/);
});

test('every mistake is told at once, with its value and what would be right', async () => {
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

test('a report that cannot be written is said before anything is played', async () => {
  const found = await read('--report=/no/such/folder/r.html', 'node');
  assert.match(
    'code' in found ? found.text : '',
    /--report "\/no\/such\/folder\/r\.html": there is no folder \/no\/such/,
  );
  assert.equal((await wishes('--report', 'r.html', 'node')).report, 'r.html');
});

test('a command line without meaning is 64', async () => {
  const nothing = await read('--rate=5');
  assert.deepEqual('code' in nothing && [nothing.code, /no command to rehearse/.test(nothing.text)], [64, true]);
});
