import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ReadWishes, readWishes, type Wishes } from '../../src/cli/rehearse-options.ts';

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

test('a command line without meaning is 64', async () => {
  const nothing = await read('--rate=5');
  assert.deepEqual('code' in nothing && [nothing.code, /no command to rehearse/.test(nothing.text)], [64, true]);
});
