import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isScalar, type Node, visit } from 'yaml';
import { parseAsKubectl } from '../../../src/check/kubectl-yaml.ts';

/** What go-yaml 2.4.0 reads, which kubectl has, and YAML 1.2 does not allow. */
const ACCEPTED: readonly (readonly [text: string, value: unknown])[] = [
  ['a: "x\ny"\nb: 1\n', { a: 'x y', b: 1 }],
  ["a:\n  b: 'x\n y'\nc: 1\n", { a: { b: 'x y' }, c: 1 }],
  ["l:\n  - 'x\ny'\n", { l: ['x y'] }],
  ['a: "b\n\tc"\n', { a: 'b c' }],
  ['a: "x\r\ny"\r\nb: 1\r\n', { a: 'x y', b: 1 }],
  ["a: 'x\n\n\ny'\n", { a: 'x\n\ny' }],
  ['a: "b\\\nc"\n', { a: 'bc' }],
  ['a:\n  - "b\n\n# not a comment\nc"\n', { a: ['b\n# not a comment c'] }],
  ['spec:\n    args: ["-c", \'\nwhile true\ndo x\n\']\n', { spec: { args: ['-c', ' while true do x '] } }],
  ['a: "x\ny"\nb:\n - "z\nz"\nc: "1\n2"\n', { a: 'x y', b: ['z z'], c: '1 2' }],
  ['a: [\nb\n]\n', { a: ['b'] }],
  ['a: {\n\tb: c\n}\nd: e\n', { a: { b: 'c' }, d: 'e' }],
  ['a:\n  b: {\nc: d\n}\n', { a: { b: { c: 'd' } } }],
  ["a: [\n\"b\", # it's\n# [\n'c\n\nd', {\n e: f}]\n", { a: ['b', 'c\nd', { e: 'f' }] }],
  ['a: [\nit\'s, b"c]\n', { a: ["it's", 'b"c'] }],
  ['a: [\n"b"# c\n]\n', { a: ['b'] }],
  ['a: |#c\n  x\n', { a: 'x\n' }],
  ['a: "b"# c\nb: [c,# d\n  e]\n', { a: 'b', b: ['c', 'e'] }],
];

test('what kubectl reads beyond YAML 1.2 is read as kubectl reads it, and each node is where it was', () => {
  for (const [text, value] of ACCEPTED) {
    const document = parseAsKubectl(text);
    assert.deepEqual(document.errors, [], text);
    assert.deepEqual(document.toJS(), value, text);
    visit(document, {
      Scalar(_, node) {
        const source = text.slice(...((node.range?.slice(0, 2) ?? [0, 0]) as [number, number]));
        assert.equal(source.length > 0 && /^\s|\s$/.test(source.replace(/\n$/, '')), false, JSON.stringify(source));
        if (node.type === 'PLAIN') assert.equal(String(node.value), source, text);
      },
    });
  }
});

test('other faults are still errors, at their places', () => {
  for (const [text, offset] of [
    ['a: "b\n', null],
    ['a: [b\n', null],
    ['a: b: c\n', 0],
    ['a: "x\ny"\nb: c: d\n', null],
    ['a:\n  b: 1\n c: 2\n', null],
    ['a: "b" c\n', null],
    ['a: {\nb: "c\n}\n', null],
    ['a: [b}\n', null],
  ] as const) {
    const [error] = parseAsKubectl(text).errors;
    assert.ok(error !== undefined, text);
    if (offset !== null) assert.ok((error.pos[0] ?? 0) >= offset);
  }
});

test('many scalars that go on at a lower indentation take no longer than their number allows', () => {
  const text = Array.from({ length: 300 }, (_, index) => `k${index}: "x\ny"\n`).join('');
  const document = parseAsKubectl(text);
  assert.deepEqual(document.errors, []);
  const values: Node[] = [];
  visit(document, { Scalar: (_, node) => void values.push(node) });
  assert.equal(values.filter((node) => isScalar(node) && node.value === 'x y').length, 300);
});
