import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columnsOf, fitted } from '../../../src/rehearse/fitted.ts';
import { lanesOf } from '../../../src/rehearse/lanes.ts';
import { readLine } from '../../../src/rehearse/log-line.ts';
import { page, picture } from '../../../src/rehearse/page.ts';
import { reportText, unpainted, wrapped } from '../../../src/rehearse/report-text.ts';
import { decades, logarithmic, ticks } from '../../../src/rehearse/scale.ts';
import { escaped } from '../../../src/rehearse/svg.ts';
import { frame } from '../../../src/rehearse/view.ts';
import { deleted, eventful, rehearsal, side, story } from '../../rig/rehearsal.ts';

const all = (): boolean => true;

/** Every element is closed by one of its name, in order; enough of XML to find what was not escaped. */
function assertWellFormed(markup: string): void {
  const open: string[] = [];
  for (const [, slash, name = '', rest = ''] of markup
    .replace(/<style>.*?<\/style>/gs, '')
    .matchAll(/<(\/?)([a-zA-Z][\w-]*)((?:\s[^<>]*)?)>/g)) {
    if (slash === '/') assert.equal(open.pop(), name);
    else if (!rest.endsWith('/') && !['meta'].includes(name)) open.push(name);
  }
  assert.deepEqual(open, []);
  assert.equal(/NaN|undefined|Infinity/.exec(markup)?.[0], undefined);
}

test('a lane has the stretches of a life, and none after its end', () => {
  const [lane] = lanesOf(side([deleted('web-1')]));
  assert.deepEqual(
    lane?.spans.map(({ kind, from, to }) => [kind, from, to]),
    [
      ['starting', 0, 1_000],
      ['serving', 1_000, 5_000],
      ['pausing', 5_000, 10_000],
      ['stopping', 10_000, 10_060],
    ],
  );
  assert.deepEqual(lane?.sentTo, { from: 5_000, to: 7_500 });
  const [serving] = lanesOf(side([story('web-2')]));
  assert.deepEqual(serving?.spans.at(-1), { kind: 'serving', from: 1_000, to: 13_000 });
  const [never] = lanesOf(side([story('web-3', { ready: null, ended: 700 })]));
  assert.deepEqual(never?.spans, [{ kind: 'starting', from: 0, to: 700 }]);
});

test('scales have round marks, and no value leaves them', () => {
  assert.deepEqual(ticks(13_000, 10), [0, 2_000, 4_000, 6_000, 8_000, 10_000, 12_000]);
  assert.deepEqual(ticks(900, 4), [0, 500]);
  assert.deepEqual(decades(1, 1_000), [1, 10, 100, 1_000]);
  const scale = logarithmic(1, 100);
  assert.deepEqual([0, 1, 10, 100, 1e9].map(scale), [0, 0, 0.5, 1, 1]);
});

test('the page and the picture are whole, also where an app is called by markup', () => {
  const hostile = eventful();
  const named = { ...hostile, command: '<script>alert("&")</script>\u0000\u001b[31m', remarks: ['</main><img alt=x>'] };
  for (const markup of [
    page(named, all),
    picture(named),
    page(rehearsal([], { trouble: { kind: 'ended', what: '<b>', lines: ['</pre><i>', '\u001b[2J'] } }), all),
  ]) {
    assertWellFormed(markup);
    assert.equal(/<script|<img|<b>|<i>|\p{Cc}(?<!\n)/u.exec(markup)?.[0], undefined);
    // Nothing is fetched, from anywhere.
    assert.equal(/\b(src|href|url|@import)\b\s*[=(]/i.exec(markup)?.[0], undefined);
  }
  assert.match(picture(named), /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  assert.equal(escaped('a<b>&"\'\u0007'), 'a&lt;b&gt;&amp;&quot;&#39;');
});

test('the report in text keeps to its width, and says what was lost and what to change', () => {
  for (const width of [40, 55, 80, 100, 120]) {
    const text = reportText(eventful(), all, width, unpainted);
    assert.ok(
      text.split('\n').every((line) => line.length <= width),
      text,
    );
    for (const part of [
      '12 of',
      'connection refused',
      'The app ignores SIGTERM',
      '--drain-connections',
      'helper',
      '<busy>',
    ])
      assert.ok((width < 80 ? text.replace(/\s+/g, ' ') : text).includes(part), `${part} in\n${text}`);
  }
  assert.deepEqual(wrapped('one two three', '  ', 8), ['  one', '  two', '  three']);
  assert.deepEqual(wrapped('left \x1b[31msleep\x07', '', 20), ['left sleep']);
});

test('the view keeps to the terminal, whatever its size', () => {
  const { sides } = eventful();
  for (const [width, height] of [
    [79, 23],
    [119, 39],
    [51, 23],
    [40, 10],
    [20, 4],
  ] as const) {
    for (let now = 0; now <= 13_000; now += 650) {
      const snapshots = sides.map(({ way, pods, load }) => {
        const samples = (load?.samples ?? []).filter(({ at, took }) => at + took <= now);
        return { way, now, phase: 'rollout 1 of 1', stories: pods, samples };
      });
      const painted = frame(
        'node 服务器.js\n'.repeat(20),
        snapshots,
        width,
        height,
        (text) => `\x1b[31m${text}\x1b[0m`,
      );
      const lines = painted.map((line) => line.replace(/\p{Cc}\[\d+m/gu, ''));
      assert.ok(lines.length <= height);
      // A line with a colour in it ends in none.
      assert.ok(
        painted.every((line) => !line.includes('\x1b') || line.lastIndexOf('\x1b[0m') > line.lastIndexOf('\x1b[31m')),
      );
      assert.ok(
        lines.every((line) => columnsOf(line) <= width && !/\p{Cc}/u.test(line)),
        lines.join('\n'),
      );
    }
  }
});

test('a line is cut by the columns that it takes, colours and wide letters counted as they are shown', () => {
  assert.deepEqual(['abc', '服务', 'e\u0301', '\x1b[31mab\x1b[0m', '😀'].map(columnsOf), [3, 4, 1, 2, 2]);
  assert.equal(fitted('\x1b[31mabc\x1b[0m', 2), '\x1b[31mab\x1b[0m');
  assert.equal(fitted('\x1b[31mabc\x1b[0m', 3), '\x1b[31mabc\x1b[0m');
  assert.deepEqual([fitted('服务器', 5), fitted('abc', 0)], ['服务', '']);
});

test('a line of the log is told from what the app wrote, also behind words of the app', () => {
  const logged = '{"level":"info","severity":"INFO","time":"x","event":"ready","msg":"m"}';
  assert.equal(readLine(logged).logged?.event, 'ready');
  assert.deepEqual(
    [readLine(`half a line${logged}`).own, readLine(`half a line${logged}`).logged?.msg],
    ['half a line', 'm'],
  );
  for (const line of ['{"level":30,"msg":"pino"}', '{"level":"info"}', '{"level":"info",}', 'plain', ''])
    assert.deepEqual(readLine(line), { logged: null, own: line });
});
