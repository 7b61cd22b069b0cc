import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startPuppet } from './rig/puppet.ts';

test('SIGTERM: readiness fails, a pause, the signal, the code of the app', async () => {
  await using run = await startPuppet(['--shutdown-delay', '300ms']);
  await run.puppet.tell({ do: 'exitOn', signal: 'SIGTERM', code: 7 });
  await run.puppet.tell({ do: 'listen', port: 0 });
  await run.line('ready');
  assert.equal((await run.get('/readyz')).status, 200);
  run.kill('SIGTERM');
  await run.line('draining');
  const during = await run.get('/readyz');
  assert.deepEqual([during.status, during.body], [503, 'shutting down\n']);
  assert.deepEqual(await run.ended(), { code: 7, signal: null });
  assert.deepEqual(run.events(), [
    'starting',
    'spawned',
    'started',
    'ready',
    'signal',
    'draining',
    'stopping',
    'exited',
  ]);
});
