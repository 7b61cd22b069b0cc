import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { withFault } from '../../rig/inject.ts';
import { startPuppet } from '../../rig/puppet.ts';
import { linesOf } from '../../rig/supervised.ts';

test('a line of the log that cannot be formatted is dropped and counted', async () => {
  await using run = await startPuppet(['--ready', 'none'], withFault('toISOString throws'));
  await run.line('ready');
  await run.puppet.tell({ do: 'exit', code: 7 });
  assert.deepEqual(await run.ended(), { code: 7, signal: null });
  assert.equal((await run.line('exited'))['droppedLines'], 1);
  assert.ok(!run.events().includes('starting'));
});

test('a line of the log whose write fails is dropped, and the next one is written', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'failing-log-'));
  const path = join(folder, 'log');
  const file = openSync(path, 'w');
  try {
    await using run = await startPuppet(['--ready', 'none'], {
      ...withFault('writeSync throws', { times: 2 }),
      stdio: ['ignore', 'ignore', file],
    });
    await run.puppet.tell({ do: 'exit', code: 7 });
    assert.deepEqual(await run.ended(), { code: 7, signal: null });
    const last = linesOf(await readFile(path, 'utf8')).at(-1);
    assert.deepEqual([last?.event, last?.['code'], last?.['droppedLines']], ['exited', 7, 2]);
  } finally {
    closeSync(file);
    await rm(folder, { recursive: true, force: true });
  }
});
