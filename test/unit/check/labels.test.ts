import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { selectorOf, selects } from '../../../src/check/labels.ts';
import { parseManifest, rootOf } from '../../../src/check/manifest-node.ts';

const selectsIn = (selector: string, pod: Readonly<Record<string, string>>): boolean | undefined => {
  const read = selectorOf(rootOf(parseManifest(selector)));
  return read === null ? undefined : selects(read, pod);
};

describe('a selector selects by labels as the API server does', () => {
  const cases: readonly (readonly [selector: string, pod: Record<string, string>, selected: boolean])[] = [
    ['matchLabels: {a: b}', { a: 'b', c: 'd' }, true],
    ['matchLabels: {a: b, c: d}', { a: 'b' }, false],
    ['matchLabels: {a: "1"}', { a: '1' }, true],
    ['matchExpressions: [{key: a, operator: In, values: [b, c]}]', { a: 'c' }, true],
    ['matchExpressions: [{key: a, operator: In, values: [b, c]}]', {}, false],
    ['matchExpressions: [{key: a, operator: NotIn, values: [b]}]', {}, true],
    ['matchExpressions: [{key: a, operator: NotIn, values: [b]}]', { a: 'b' }, false],
    ['matchExpressions: [{key: a, operator: Exists}]', { a: '' }, true],
    ['matchExpressions: [{key: a, operator: Exists}]', {}, false],
    ['matchExpressions: [{key: a, operator: DoesNotExist}]', {}, true],
    ['matchExpressions: [{key: a, operator: DoesNotExist}]', { a: 'b' }, false],
    ['matchLabels: {a: b}\nmatchExpressions: [{key: c, operator: Exists}]', { a: 'b' }, false],
    ['{}', { a: 'b' }, true],
  ];
  for (const [selector, pod, selected] of cases) {
    test(`${selector.replace('\n', ', ')} selects ${JSON.stringify(pod)}: ${selected}`, () => {
      assert.equal(selectsIn(selector, pod), selected);
    });
  }

  test('a field without a map is no selector', () => {
    assert.equal(selectsIn('a', {}), undefined);
  });
});
