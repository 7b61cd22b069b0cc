import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextInterval, type Pressure, pressureAfter, throttledShare } from '../../../src/resources/pressure.ts';

test('between the two thresholds the pressure stays as it was', () => {
  const uses = [0, 79, 89, 90, 100, 120, 85, 80, 79, 85, 91];
  let pressure: Pressure = 'normal';
  const high = uses.map((used) => {
    pressure = pressureAfter(pressure, used, 100);
    return pressure === 'high';
  });
  assert.deepEqual(high, [false, false, false, true, true, true, true, true, false, false, true]);
});

test('stable memory is read ever more rarely, growing memory before it reaches the limit', () => {
  const at = (used: number, seconds: number) => ({ used, at: seconds * 1_000 });
  assert.equal(nextInterval(null, at(10, 0), 100), 1_000);
  assert.equal(nextInterval(at(10, 0), at(10, 1), 100), 2_000);
  assert.equal(nextInterval(at(10, 0), at(5, 4), 100), 8_000);
  assert.equal(nextInterval(at(10, 0), at(10, 8), 100), 8_000);
  // 10 per second, and 40 left until 90: half of 4 s.
  assert.equal(nextInterval(at(0, 0), at(50, 5), 100), 4_000 / 2);
  assert.equal(nextInterval(at(0, 0), at(85, 1), 100), 1_000);
  assert.equal(nextInterval(at(0, 0), at(99, 10), 100), 1_000);
});

test('throttling counts from a quarter of the periods on, and not of fewer than five', () => {
  const before = { periods: 100, throttled: 40 };
  assert.equal(throttledShare(before, { periods: 200, throttled: 65 }), 0.25);
  assert.equal(throttledShare(before, { periods: 200, throttled: 64 }), null);
  assert.equal(throttledShare(before, { periods: 104, throttled: 44 }), null);
  assert.equal(throttledShare(before, { periods: 105, throttled: 45 }), 1);
  assert.equal(throttledShare(before, before), null);
});
