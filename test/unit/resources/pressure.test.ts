import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextLook, type Pressure, pressureAfter, throttledShare } from '../../../src/resources/pressure.ts';

test('a crossing counts once: between the marks it stays as it was', () => {
  const uses = [0, 79, 89, 90, 100, 120, 85, 80, 79, 85, 91];
  let pressure: Pressure = 'eased';
  const told = uses.map((used) => {
    pressure = pressureAfter(pressure, used, 100);
    return pressure === 'pressed';
  });
  assert.deepEqual(told, [false, false, false, true, true, true, true, true, false, false, true]);
});

test('calm memory is looked at ever more seldom, growing memory before it is full', () => {
  const at = (used: number, seconds: number) => ({ used, at: seconds * 1_000 });
  assert.equal(nextLook(null, at(10, 0), 100), 1_000);
  assert.equal(nextLook(at(10, 0), at(10, 1), 100), 2_000);
  assert.equal(nextLook(at(10, 0), at(5, 4), 100), 8_000);
  assert.equal(nextLook(at(10, 0), at(10, 10), 100), 10_000);
  // 10 a second, 40 left until 90: half of 4 s.
  assert.equal(nextLook(at(0, 0), at(50, 5), 100), 4_000 / 2);
  assert.equal(nextLook(at(0, 0), at(85, 1), 100), 1_000);
  assert.equal(nextLook(at(0, 0), at(99, 10), 100), 1_000);
});

test('throttling counts from a quarter of the periods on, and not of a handful', () => {
  const before = { periods: 100, throttled: 40 };
  assert.equal(throttledShare(before, { periods: 200, throttled: 65 }), 0.25);
  assert.equal(throttledShare(before, { periods: 200, throttled: 64 }), null);
  assert.equal(throttledShare(before, { periods: 104, throttled: 44 }), null);
  assert.equal(throttledShare(before, { periods: 105, throttled: 45 }), 1);
  assert.equal(throttledShare(before, before), null);
});
