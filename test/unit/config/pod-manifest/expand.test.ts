import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escapeVariables, expandVariables, referencedVariables } from '../../../../src/config/pod-manifest/expand.ts';

/** From TestMapping in k8s.io/kubernetes/third_party/forked/golang/expansion/expand_test.go. */
const CASES: readonly (readonly [word: string, expanded: string])[] = [
  ['$(VAR_A)', 'A'],
  ['___$(VAR_B)___', '___B___'],
  ['$(VAR_A)$(VAR_B)', 'AB'],
  ['$$(VAR_A)_$(VAR_B)', '$(VAR_A)_B'],
  ['$$$(VAR_A)', '$A'],
  ['$$$$(VAR_A)', '$$(VAR_A)'],
  ['$VAR_A', '$VAR_A'],
  ['$(VAR_Awhoops)', '$(VAR_Awhoops)'],
  ['$(VAR_A', '$(VAR_A'],
  ['$?_boo_$!', '$?_boo_$!'],
  ['$', '$'],
  ['$$', '$'],
  ['foo$', 'foo$'],
  ['$()', '$()'],
  ['$a$(VAR_A)', '$aA'],
];

test('variables in a word are expanded as the kubelet expands them', () => {
  for (const [word, expanded] of CASES) assert.equal(expandVariables(word, { VAR_A: 'A', VAR_B: 'B' }), expanded, word);
  assert.deepEqual(referencedVariables('$(A) $$(B) $(C)'), ['A', 'C']);
});

test('an escaped word expands to the original word', () => {
  let words = [''];
  for (let length = 1; length <= 7; length += 1) {
    words = words.flatMap((word) => ['$', '(', ')', 'A'].map((letter) => word + letter));
    for (const word of words) assert.equal(expandVariables(escapeVariables(word), { A: 'x', '': 'y' }), word);
  }
});
