import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { splitWords } from '../../../src/config/split-words.ts';

test('a command line is split as a shell splits quoted words, and nothing more', () => {
  const cases: Readonly<Record<string, readonly string[]>> = {
    'a b  c': ['a', 'b', 'c'],
    ' a\tb\n': ['a', 'b'],
    "'a b' c": ['a b', 'c'],
    '"a b"c': ['a bc'],
    '""': [''],
    "a''b": ['ab'],
    'a\\ b': ['a b'],
    '"a\\"b\\\\c\\d"': ['a"b\\c\\d'],
    "'a\\b'": ['a\\b'],
    '$HOME *.js | x && y;z': ['$HOME', '*.js', '|', 'x', '&&', 'y;z'],
    '': [],
  };
  for (const [line, words] of Object.entries(cases)) assert.deepEqual(splitWords(line), { ok: words }, line);
});

test('any quoted word is read as it was before it was quoted', () => {
  const single = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
  const double = (word: string): string => `"${word.replace(/["\\]/g, '\\$&')}"`;
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), fc.boolean(), (words, singly) => {
      assert.deepEqual(splitWords(words.map(singly ? single : double).join(' ')), { ok: words });
    }),
  );
});
