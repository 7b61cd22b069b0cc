import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { needs } from '../../rig/needs.ts';
import { APP, SHORT_TIMES } from '../../rig/run-rehearsal.ts';
import { BIN } from '../../rig/supervised.ts';
import { openTerminal } from '../../rig/terminal.ts';

describe('a rehearsal on a terminal', { concurrency: 2, skip: needs('tmux') }, () => {
  for (const [columns, rows] of [
    [40, 24],
    [80, 24],
    [120, 40],
  ] as const) {
    test(`a rehearsal is drawn as it goes on, on a terminal of ${columns} columns`, async () => {
      // Long enough to be seen by a look of a busy machine.
      const size = ['--replicas=1', '--shutdown-delay=6s', '--grace=15s', '--kept-alive=0'];
      const words = ['rehearse', ...SHORT_TIMES, ...size, '--', process.execPath, APP, 'answers after ms', '20'];
      // The rehearsal starts when the terminal has its size.
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
        'a replica in its delay, and its successor that serves',
        has(/web-1 +delaying +░+█+▓[\s\S]*web-2 +serving/),
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
      // The last frame stays, and the report is printed below it.
      const screen = await terminal.screen();
      assert.match(
        screen,
        /web-1 +exit 143[\s\S]*web-2 +serving[\s\S]*requests +0 of \d+ failed[\s\S]*No request was lost/,
      );
      assert.equal(screen.match(/k8s-run rehearse/g)?.length, 1, screen);
    });
  }

  test('a rehearsal is drawn on a terminal that has no size', async () => {
    const words = ['rehearse', ...SHORT_TIMES, '--replicas=1', '--kept-alive=0', '--', process.execPath, APP, 'plain'];
    const unset = ['sh', '-c', 'stty rows 0 cols 0; exec "$@"', 'sh'];
    await using terminal = await openTerminal([...unset, process.execPath, BIN, ...words]);
    assert.equal(await terminal.ended(), 0, await terminal.screen());
    assert.match(await terminal.screen(), /web-2 +serving +░*█+[\s\S]*requests +0 of \d+ failed\n/);
  });

  test('Ctrl-C on a terminal stops a rehearsal, which exits with 130', async () => {
    const words = ['rehearse', ...SHORT_TIMES, '--settle=30s', '--', process.execPath, APP, '"reloads on SIGTERM"'];
    const shell = `${[process.execPath, BIN, ...words].join(' ')}; echo "it was $?"; sleep 60`;
    await using terminal = await openTerminal(['sh', '-c', `trap : INT; ${shell}`]);
    await terminal.shows(/web-1 +serving/);
    await terminal.press('C-c');
    await terminal.shows('it was 130');
    await terminal.shows('every process of the rehearsal has exited');
  });
});
