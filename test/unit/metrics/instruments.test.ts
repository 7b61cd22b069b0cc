import assert from 'node:assert/strict';
import { test } from 'node:test';
import { counter, histogram } from '../../../src/metrics/instruments.ts';

test('a known series exists from the start with 0; another one is added when it is first counted', () => {
  const signals = counter(['signal'], [['SIGHUP']]);
  signals.add('SIGTERM');
  signals.add('SIGTERM');
  assert.deepEqual(signals.samples(), [
    { labels: { signal: 'SIGHUP' }, value: 0 },
    { labels: { signal: 'SIGTERM' }, value: 2 },
  ]);
});

test('series with two labels are counted separately', () => {
  const results = counter(['probe', 'result'], []);
  results.add('ready', 'passed');
  results.add('ready', 'failed');
  assert.deepEqual(results.samples(), [
    { labels: { probe: 'ready', result: 'passed' }, value: 1 },
    { labels: { probe: 'ready', result: 'failed' }, value: 1 },
  ]);
});

test('a value that equals a bound is counted below it, and one above all bounds is counted last', () => {
  const times = histogram(['probe'], [0.1, 1], [['ready']]);
  for (const value of [0, 0.1, 0.5, 1, 7]) times.observe(value, 'live');
  assert.deepEqual(times.distributions(), [
    { labels: { probe: 'ready' }, bounds: [0.1, 1], counts: [0, 0, 0], sum: 0 },
    { labels: { probe: 'live' }, bounds: [0.1, 1], counts: [2, 2, 1], sum: 8.6 },
  ]);
});
