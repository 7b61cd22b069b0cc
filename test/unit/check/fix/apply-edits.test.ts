import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { applyEdits } from '../../../../src/check/fix/apply-edits.ts';
import { parseManifest } from '../../../../src/check/manifest-node.ts';

test('two fields inserted after the same line are each in the right map', () => {
  const text = 'a:\n  b:\n    c: 1\nz: 1\n';
  const editLists = [
    ['a', 'b', 'n', 'm'],
    ['a', 'n', 'm'],
    ['a', 'b', 'o'],
    ['n', 'o'],
  ].map((path) => [{ kind: 'set', path, value: 7 }] as const);
  const { text: edited, applied } = applyEdits(text, parseManifest(text), editLists);
  assert.deepEqual(applied, [true, true, true, true]);
  assert.deepEqual(parse(edited), { a: { b: { c: 1, n: { m: 7 }, o: 7 }, n: { m: 7 } }, z: 1, n: { o: 7 } });
});

test('a list of edits that cannot be applied as a whole is not applied, but the others are', () => {
  const text = 'a: {b: {c: 1}, d: null}\nz: 1\n';
  const editLists = [
    [
      { kind: 'set', path: ['a', 'b', 'e'], value: 7 },
      { kind: 'rename', path: ['a', 'b'], key: 'd' },
    ],
    [{ kind: 'set', path: ['z'], value: 2 }],
  ] as const;
  const { text: edited, applied } = applyEdits(text, parseManifest(text), editLists);
  assert.deepEqual([applied, edited], [[false, true], text.replace('z: 1', 'z: 2')]);
});
