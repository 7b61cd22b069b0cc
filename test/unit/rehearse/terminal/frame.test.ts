import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Paint } from '../../../../src/rehearse/report/paint.ts';
import { frame, type RunSnapshot } from '../../../../src/rehearse/terminal/frame.ts';
import { displayWidth } from '../../../../src/rehearse/terminal/text-width.ts';
import { eventfulRehearsal } from '../../../rig/rehearsal-results.ts';

const TITLE = 'node 服务器.js\n'.repeat(20);
const red: Paint = (text) => `\x1b[31m${text}\x1b[0m`;
/** A line with a colour in it must end without one. */
const endsPlain = (line: string): boolean =>
  !line.includes('\x1b') || line.lastIndexOf('\x1b[0m') > line.lastIndexOf('\x1b[31m');

function snapshotsAt(now: number): readonly RunSnapshot[] {
  return eventfulRehearsal().runs.map(({ variant, pods, load }) => {
    const samples = (load?.samples ?? []).filter(({ at, took }) => at + took <= now);
    return { variant, now, phase: 'rollout 1 of 1', pods, samples };
  });
}

for (const [width, height] of [
  [119, 39],
  [79, 23],
  [51, 23],
  [40, 10],
  [20, 4],
] as const) {
  test(`the live view fits in ${width} columns and ${height} lines at every moment of a rehearsal`, () => {
    for (let now = 0; now <= 13_000; now += 650) {
      const painted = frame(TITLE, snapshotsAt(now), { width, height }, red);
      const lines = painted.map((line) => line.replace(/\p{Cc}\[\d+m/gu, ''));
      assert.ok(lines.length <= height);
      assert.ok(painted.every(endsPlain));
      assert.ok(
        lines.every((line) => displayWidth(line) <= width && !/\p{Cc}/u.test(line)),
        lines.join('\n'),
      );
    }
  });
}
