import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatDuration, parseDuration } from '../../src/duration.ts';

test('durations are parsed to milliseconds; a bare number is seconds, as in Kubernetes', () => {
  const cases: Readonly<Record<string, number>> = {
    '25s': 25_000,
    '500ms': 500,
    '1m30s': 90_000,
    '2h': 7_200_000,
    '1h2m3s4ms': 3_723_004,
    '30': 30_000,
    '0': 0,
    '0s': 0,
    '1.5': 1_500,
    '0.25s': 250,
    '1.5m': 90_000,
  };
  for (const [text, milliseconds] of Object.entries(cases)) assert.equal(parseDuration(text), milliseconds, text);
});

test('text that is neither a number nor numbers with units is not a duration', () => {
  for (const text of [
    '',
    ' ',
    '5 s',
    '-1',
    '-1s',
    '+1',
    '5x',
    's',
    '1e3',
    '.5',
    '5.',
    '1m30',
    'Infinity',
    '5S',
    '0x10',
  ]) {
    assert.equal(parseDuration(text), null, JSON.stringify(text));
  }
});

test('a formatted duration is rounded, and can be parsed again', () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, '0ms'],
    [0.4, '0ms'],
    [999, '999ms'],
    [1_000, '1s'],
    [1_234, '1.23s'],
    [25_000, '25s'],
    [12_345, '12.3s'],
    [60_000, '1m'],
    [90_000, '1m30s'],
    [3_600_000, '1h'],
    [3_661_000, '1h1m1s'],
  ];
  for (const [milliseconds, text] of cases) assert.equal(formatDuration(milliseconds), text);
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), (milliseconds) => {
      const read = parseDuration(formatDuration(milliseconds));
      assert.ok(read !== null && Math.abs(read - milliseconds) <= Math.max(0.5, milliseconds / 100), `${read}`);
    }),
  );
  fc.assert(
    fc.property(fc.nat(86_400), (seconds) => parseDuration(formatDuration(seconds * 1_000)) === seconds * 1_000),
  );
});
