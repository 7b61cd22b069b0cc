import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decades, logarithmic, ticks } from '../../../../src/rehearse/report/scale.ts';

test('the marks of a time axis are round numbers', () => {
  assert.deepEqual(ticks(13_000, 10), [0, 2_000, 4_000, 6_000, 8_000, 10_000, 12_000]);
  assert.deepEqual(ticks(900, 4), [0, 500]);
});

test('the marks of a logarithmic axis are powers of ten', () => {
  assert.deepEqual(decades(1, 1_000), [1, 10, 100, 1_000]);
});

test('a logarithmic scale keeps values outside of it at its ends', () => {
  assert.deepEqual([0, 1, 10, 100, 1e9].map(logarithmic(1, 100)), [0, 0, 0.5, 1, 1]);
});
