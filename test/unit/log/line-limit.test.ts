import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Facts, LogEntry } from '../../../src/log/entry.ts';
import { jsonFormat } from '../../../src/log/json.ts';
import { withinLimit } from '../../../src/log/line-limit.ts';
import { prettyFormat } from '../../../src/log/pretty.ts';

const LIMIT = 8_192;
const json = withinLimit(jsonFormat());
const pretty = withinLimit(prettyFormat(true));
const entry = (msg: string, facts: Facts = {}): LogEntry => ({ time: 0, level: 'warn', event: 'warning', msg, facts });

test('a line that fits is left as it is', () => {
  const facts = { reason: 'x'.repeat(3_900), list: Array(500).fill(1) };
  assert.equal(json(entry('y'.repeat(3_000), facts)), jsonFormat()(entry('y'.repeat(3_000), facts)));
});

test('a longer line is cut, is still JSON with its event, and says what is missing', () => {
  const leftovers = Array.from({ length: 1_500 }, (_, pid) => ({ pid, program: 'x'.repeat(200) }));
  const facts = {
    pid: 7,
    reason: '"'.repeat(9_000),
    lastProbeError: { probe: 'ready', reason: 'é'.repeat(50_000) },
    leftovers,
  };
  const line = json(entry('m'.repeat(6_000), facts));
  assert.ok(line.endsWith('}\n') && Buffer.byteLength(line) <= LIMIT);
  const read = JSON.parse(line);
  assert.deepEqual([read.event, read.level, read.severity, read.pid], ['warning', 'warn', 'WARNING', 7]);
  assert.match(read.msg, /^m+… \((\d+) more characters\)$/);
  assert.equal(read.msg.match(/^m+/)[0].length + read.cut.msg, 6_000);
  assert.equal(read.leftovers.length + read.cut.leftovers, 1_500);
  assert.deepEqual(read.leftovers[0].pid, 0);
  assert.ok(read.cut.reason > 6_000 && read.cut['lastProbeError.reason'] > 40_000);
});

test('no line is longer than 8 KiB, whatever it has', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc
      .tuple(fc.constantFrom('a', '"', '\u0000', '\u001b', '\u009b', '\u{1f600}', '\ud800'), fc.nat(12_000))
      .map(([unit, times]) => unit.repeat(times)),
  );
  const value = fc.oneof(text, fc.nat(), fc.array(text, { maxLength: 40 }), fc.dictionary(text, text, { maxKeys: 5 }));
  fc.assert(
    fc.property(text, fc.dictionary(fc.constantFrom('a', 'b', 'c'), value), (msg, facts) => {
      const line = json(entry(msg, facts));
      assert.ok(Buffer.byteLength(line) <= LIMIT);
      assert.equal(JSON.parse(line).event, 'warning');
      const shown = pretty(entry(msg, facts));
      assert.ok(Buffer.byteLength(shown) <= LIMIT);
      assert.equal(shown.indexOf('\n'), shown.length - 1);
    }),
    { numRuns: 200 },
  );
  const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`key${at}`, at]));
  const read = JSON.parse(json(entry('m'.repeat(20_000), many)));
  assert.deepEqual([read.event, read.cut], ['warning', { fields: 5_000 }]);
});

test('control characters are shown as escapes', () => {
  const odd = 'a\u001b[31m\u009b2J\r\n\u007f\u2028\u202eb';
  const shown = prettyFormat(false)(entry(odd)).slice(0, -1);
  assert.match(shown, /a\\u001b\[31m\\u009b2J\\u000d\\u000a\\u007f\\u2028\\u202eb$/);
  assert.doesNotMatch(shown, /\p{Cc}/u);
  const line = json(entry(odd)).slice(0, -1);
  assert.doesNotMatch(line, /\p{Cc}/u);
  assert.equal(JSON.parse(line).msg, odd);
});

test('on a terminal the line about a key begins at the left, over what the terminal has shown of the key', () => {
  const line = { ...entry('Received'), event: 'signal' } as const;
  const begins = (colours: boolean, signal: string): boolean =>
    prettyFormat(colours)({ ...line, facts: { signal } }).startsWith('\r');
  assert.deepEqual([begins(true, 'SIGINT'), begins(true, 'SIGTERM'), begins(false, 'SIGINT')], [true, false, false]);
});

test('on a terminal a long message goes on below its beginning, and a terminal that is too narrow for that wraps it itself', () => {
  const message = 'Received SIGTERM: delaying 5 s before signalling node server.js, which may finish what it has begun';
  const shown = (columns: number | null): readonly string[] =>
    prettyFormat(
      false,
      () => columns,
    )(entry(message))
      .trimEnd()
      .split('\n');
  const lines = shown(80);
  assert.ok(lines.length > 1 && lines.every((line) => line.length <= 80), lines.join('\n'));
  assert.equal(lines.map((line) => line.slice(26)).join(' '), message);
  assert.ok(lines.slice(1).every((line) => line.startsWith(' '.repeat(26))));
  for (const columns of [null, 200, 40]) assert.equal(shown(columns).length, 1);
});
