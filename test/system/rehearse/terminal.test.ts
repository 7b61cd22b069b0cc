import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { needs } from '../../rig/needs.ts';
import { APP, SHORT } from '../../rig/rehearsing.ts';
import { BIN } from '../../rig/supervised.ts';
import { openTerminal } from '../../rig/terminal.ts';

describe('on a terminal the rollout is drawn as it happens', { concurrency: 2, skip: needs('tmux') }, () => {
  for (const [columns, rows] of [
    [40, 24],
    [80, 24],
    [120, 40],
  ] as const) {
    test(`of ${columns} columns`, async () => {
      const size = ['--replicas=1', '--grace=15s', '--kept-alive=0'];
      const words = ['rehearse', ...SHORT, ...size, '--', process.execPath, APP, 'slow', '20'];
      // The terminal has its size before anything is drawn.
      const waits = [
        'sh',
        '-c',
        'while [ "$(stty size)" != "$0" ]; do sleep 0.05; done; exec "$@"',
        `${rows} ${columns}`,
      ];
      await using terminal = await openTerminal([...waits, process.execPath, BIN, ...words], {
        TERM: 'screen-256color',
      });
      await terminal.resize(columns, rows);
      let drawn = '';
      const has = (what: RegExp) => async (): Promise<boolean> => {
        drawn = await terminal.screen();
        return what.test(drawn);
      };
      await until(
        'a replica that serves, and one that pauses',
        has(/web-1 +pausing +░+█+▓[\s\S]*web-2 +serving/),
        () => drawn,
      );
      if (columns >= 80) assert.match(drawn, /with k8s-run +rollout 1 of 1 +\d+ answered · 0 failed · \d+\/s/);
      assert.match(drawn, /[▁▂▃▄▅▆▇█]/);
      assert.equal(drawn.match(/k8s-run rehearse/g)?.length, 1, drawn);
      assert.ok(
        drawn.split('\n').every((line) => line.length <= columns),
        drawn,
      );
      assert.equal(await terminal.ended(), 0);
      // The last frame stays, and the report comes below it; the terminal is as it was.
      const screen = await terminal.screen();
      assert.match(
        screen,
        /web-1 +exit 143[\s\S]*web-2 +serving[\s\S]*requests +0 of \d+ failed[\s\S]*No request was lost/,
      );
      assert.equal(screen.match(/k8s-run rehearse/g)?.length, 1, screen);
    });
  }

  test('of a size that nobody has set', async () => {
    const words = ['rehearse', ...SHORT, '--replicas=1', '--kept-alive=0', '--', process.execPath, APP, 'nothing'];
    const unset = ['sh', '-c', 'stty rows 0 cols 0; exec "$@"', 'sh'];
    await using terminal = await openTerminal([...unset, process.execPath, BIN, ...words]);
    assert.equal(await terminal.ended(), 0);
    assert.match(await terminal.screen(), /web-2 +serving +░*█+[\s\S]*requests +0 of \d+ failed\n/);
  });

  test('Ctrl-C ends it, and the cursor is there again', async () => {
    const words = ['rehearse', ...SHORT, '--', process.execPath, APP, 'ignores'];
    const shell = `${[process.execPath, BIN, ...words].join(' ')}; echo "it was $?"; sleep 60`;
    await using terminal = await openTerminal(['sh', '-c', `trap : INT; ${shell}`]);
    await terminal.shows(/web-1 +serving/);
    await terminal.press('C-c');
    await terminal.shows('it was 130');
    await terminal.shows('all that was started has been ended');
  });
});
