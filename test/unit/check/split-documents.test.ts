import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitDocuments, withLineEndsOf, withLineFeeds } from '../../../src/check/split-documents.ts';

const partsOf = (text: string): readonly (readonly [text: string, line: number])[] =>
  [...splitDocuments(text)].map((document) => [document.text, document.line]);

test('JSON objects that follow one another are documents, as kubectl reads them', () => {
  assert.deepEqual(partsOf('{"a": "}"}\n{"b": {}} {"c": 1}\n'), [
    ['{"a": "}"}', 1],
    ['\n{"b": {}}', 1],
    [' {"c": 1}\n', 2],
  ]);
  for (const text of [
    '{"a": 1}\n',
    '{"a": 1} # x\n',
    "{a: '}', b: '{'}\n",
    '{a: 1}\nb\n',
    'a: {b: 1}\n{c: d}\n',
    '{',
    '{}{'.slice(0, 1),
  ])
    assert.deepEqual(partsOf(text), [[text, 1]], text);
});

test('the parts are the whole text, and each has its line', () => {
  const text = '{"b": 1}\n{"c": 1}\n---\na: 1\n...\n# x\n---\nd: 1\n';
  const parts = partsOf(text);
  assert.equal(parts.map(([part]) => part).join(''), text);
  assert.deepEqual(
    parts.map(([part, line]) => [part.trim().split('\n').at(-1), line]),
    [
      ['{"b": 1}', 1],
      ['{"c": 1}', 1],
      ['...', 3],
      ['# x', 6],
      ['d: 1', 7],
    ],
  );
});

test('lone carriage returns end lines, and an edited text has them again', () => {
  assert.deepEqual(partsOf('a: 1\r---\rb: 2\r'), [
    ['a: 1\n', 1],
    ['---\nb: 2\n', 2],
  ]);
  assert.equal(withLineFeeds('a\rb\r\nc\n'), 'a\nb\r\nc\n');
  assert.equal(withLineEndsOf('a\rb\r', 'a\nb\nc\n'), 'a\rb\rc\r');
  assert.equal(withLineEndsOf('a\rb\n', 'a\nb\nc\n'), 'a\nb\nc\n');
  assert.equal(withLineEndsOf('a\r\nb\r\n', 'a\r\nb\r\nc\r\n'), 'a\r\nb\r\nc\r\n');
});
