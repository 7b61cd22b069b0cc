import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { kubectlAnswer } from '../../../src/cli/completion/candidates.ts';
import { grammarOf } from '../../../src/cli/completion/read-grammar.ts';

const grammar = await grammarOf(COMMANDS);
/** cobra's directives: 0 files, 2 no space, 4 nothing but the candidates, 16 folders. */
const FILES = ':0';
const FOLDERS = ':16';

/** The words that are offered, and the directive. */
function answer(...words: readonly string[]): readonly string[] {
  const lines = kubectlAnswer(grammar, words).trimEnd().split('\n');
  return lines.map((line) => line.replace(/\t.*/, ''));
}

test('kubectl is offered the commands, each with what it does', () => {
  assert.deepEqual(answer(''), [...Object.keys(COMMANDS), ':4']);
  assert.deepEqual(answer('ma'), ['manifest', ':4']);
  assert.equal(kubectlAnswer(grammar, ['chec']), `check\t${COMMANDS['check']?.summary}\n:4\n`);
});

test('kubectl is offered the options of the command, their values, and files where files stand', () => {
  assert.deepEqual(answer('check', '--form'), ['--format', ':4']);
  assert.deepEqual(answer('check', '--format', 's'), ['sarif', ':4']);
  assert.deepEqual(answer('check', '--format=s'), ['--format=sarif', ':4']);
  assert.deepEqual(answer('check', ''), [FILES]);
  assert.deepEqual(answer('check', '--fix', 'a.yaml', 'b'), [FILES]);
  assert.deepEqual(answer('check', '--', '--fi'), [FILES]);
  assert.deepEqual(answer('install', ''), [FOLDERS]);
  assert.deepEqual(answer('--env-dir', ''), [FOLDERS]);
  assert.deepEqual(answer('--config', 'f'), [FILES]);
  assert.deepEqual(answer('--config=f'), [FILES]);
  assert.deepEqual(answer('probe', 'l'), ['live', ':4']);
  assert.deepEqual(answer('completion', 'k'), ['kubectl', ':4']);
});

test('no space follows the beginning of a value', () => {
  assert.deepEqual(answer('--ready', 'h2'), ['h2c://:', ':6']);
  assert.deepEqual(answer('--ready=h2'), ['--ready=h2c://:', ':6']);
});

test('the command line of the app is left to the shell', () => {
  for (const words of [
    ['--', ''],
    ['--grace', '5s', '--', 'node', '--f'],
    ['rehearse', '--', ''],
    ['rehearse', '--rate', '5', 'node', '--f'],
    ['node', '--f'],
  ])
    assert.deepEqual(answer(...words), [FILES], words.join(' '));
});

test('what nothing begins with is answered with nothing', () => {
  assert.deepEqual(answer('check', '--nope'), [':4']);
  assert.deepEqual(answer('check', '--nope=x'), [':4']);
  assert.deepEqual(answer('--grace', ''), [':4']);
});
