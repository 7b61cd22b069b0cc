import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clipped, displayWidth } from '../../../../src/rehearse/terminal/text-width.ts';

test('the display width counts wide characters twice, and colours and combining marks not at all', () => {
  assert.deepEqual(['abc', '服务', 'e\u0301', '\x1b[31mab\x1b[0m', '😀'].map(displayWidth), [3, 4, 1, 2, 2]);
});

test('a clipped line fits, and its colour ends with it', () => {
  assert.equal(clipped('\x1b[31mabc\x1b[0m', 2), '\x1b[31mab\x1b[0m');
  assert.equal(clipped('\x1b[31mabc\x1b[0m', 3), '\x1b[31mabc\x1b[0m');
  assert.deepEqual([clipped('服务器', 5), clipped('abc', 0)], ['服务', '']);
});
