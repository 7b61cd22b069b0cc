import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unpainted } from '../../../../src/rehearse/report/paint.ts';
import { textReport } from '../../../../src/rehearse/report/text.ts';
import { wrapped } from '../../../../src/wrap.ts';
import { eventfulRehearsal } from '../../../rig/rehearsal-results.ts';

const PARTS = [
  '27 ms, 27 ms',
  'every 1s',
  '12 of',
  'connection refused',
  'The app ignores SIGTERM',
  '--drain-connections',
  'helper',
  '<busy>',
];

for (const width of [40, 55, 80, 100, 120]) {
  test(`the text report fits in ${width} columns, and says what was lost and what to change`, () => {
    const text = textReport(eventfulRehearsal(), { has: () => true, width, paint: unpainted });
    assert.ok(
      text.split('\n').every((line) => line.length <= width),
      text,
    );
    const searched = width < 80 ? text.replace(/\s+/g, ' ') : text;
    for (const part of PARTS) assert.ok(searched.includes(part), `${part} in\n${text}`);
  });
}

test('text is wrapped at spaces, without escape sequences', () => {
  assert.deepEqual(wrapped('one two three', '  ', 8), ['  one', '  two', '  three']);
  assert.deepEqual(wrapped('it took 27 ms, 1.03 s or 3 steps', '', 10), ['it took', '27 ms,', '1.03 s or', '3 steps']);
  assert.deepEqual(wrapped('left \x1b[31msleep\x07', '', 20), ['left sleep']);
});
