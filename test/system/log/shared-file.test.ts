import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { linesOf, start } from '../../rig/supervised.ts';

test('the app and k8s-run do not overwrite each other in a file that is not opened for appending', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'shared-'));
  const path = join(folder, 'log');
  const file = openSync(path, 'w');
  try {
    const script = 'trap : HUP; n=0; while [ $n -lt 2000 ]; do n=$((n+1)); echo "app line $n" >&2; done; exit 6';
    await using run = start(['--rewrite', 'HUP:0'], ['sh', '-c', script], { stdio: ['ignore', 'ignore', file] });
    const ended = run.ended();
    let over = false;
    void ended.finally(() => {
      over = true;
    });
    let sent = 0;
    await until('the app has ended', async () => {
      if ((await readFile(path, 'utf8')).includes('"spawned"') && !over) {
        try {
          run.kill('SIGHUP');
          sent += 1;
        } catch (error) {
          // It has ended, and the news of it is under way.
          assert.equal((error as NodeJS.ErrnoException).code, 'ESRCH');
        }
      }
      return over;
    });
    assert.deepEqual(await ended, { code: 6, signal: null });
    const text = await readFile(path, 'utf8');
    const lines = linesOf(text);
    const own = text.split('\n').filter((line) => line.startsWith('app line '));
    assert.deepEqual(
      own,
      Array.from({ length: 2_000 }, (_, index) => `app line ${index + 1}`),
    );
    assert.equal(text.split('\n').length - 1, own.length + lines.length);
    assert.deepEqual(
      lines.map(({ event }) => event).filter((event) => event !== 'signal'),
      ['starting', 'spawned', 'exited'],
    );
    assert.ok(sent === 0 || lines.length >= 3);
  } finally {
    closeSync(file);
    await rm(folder, { recursive: true, force: true });
  }
});
