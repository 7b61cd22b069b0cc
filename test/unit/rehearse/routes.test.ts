import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomOf } from '../../../src/rehearse/random.ts';
import { type Endpoint, type Routes, routes } from '../../../src/rehearse/routes.ts';

const OLD: Endpoint = { host: '127.0.0.1', port: 1 };
const NEW: Endpoint = { host: '127.0.0.1', port: 2 };

const open = (seed: string): Routes => routes({ nodes: 3, lag: [100, 400], random: randomOf(seed) });

/** The ports of the endpoints that the nodes route to at this time. */
function known(to: Routes, now: number): readonly (number | undefined)[] {
  const picks = Array.from({ length: 200 }, () => to.pick(now)?.port);
  return [...new Set(picks)].sort();
}

test('no endpoint is known at first, and every node learns of one between the least and the greatest lag', () => {
  const to = open('a');
  const last = to.change(OLD, 'serving', 1_000);
  assert.deepEqual(known(to, 1_099), [undefined]);
  assert.ok(last > 1_100 && last <= 1_400);
  assert.deepEqual(known(to, last), [1]);
});

test('each node learns of all changes late, but in their order', () => {
  for (let seed = 0; seed < 50; seed += 1) {
    const to = open(String(seed));
    to.change(OLD, 'serving', 0);
    to.change(NEW, 'serving', 1_000);
    const last = to.change(OLD, 'leaving', 1_001);
    assert.deepEqual(known(to, 1_000), [1]);
    // A node that knows of the removal knows of the addition before it, so it never knows no endpoint.
    for (let now = 1_000; now < last; now += 5) assert.ok(!known(to, now).includes(undefined));
    assert.deepEqual(known(to, last), [2]);
  }
});

test('the same random seed repeats the lags, another one does not', () => {
  const lags = (seed: string): readonly number[] => {
    const to = open(seed);
    return Array.from({ length: 20 }, (_, index) =>
      to.change(OLD, index % 2 === 0 ? 'serving' : 'leaving', index * 500),
    );
  };
  assert.deepEqual(lags('a'), lags('a'));
  assert.notDeepEqual(lags('a'), lags('b'));
});
