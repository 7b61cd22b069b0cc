import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type SupervisedPuppet, startPuppet } from '../rig/puppet.ts';

test('readiness is 503 from the first instant, while liveness and startup stay 200', async () => {
  await using run = await startPuppet(['--shutdown-delay', '1h']);
  await run.puppet.tell({ do: 'catch', signals: ['SIGTERM'] });
  await run.puppet.tell({ do: 'listen', port: 0 });
  await run.line('ready');
  assert.deepEqual(await statuses(run), [200, 200, 200]);
  run.kill('SIGTERM');
  await run.line('signal');
  assert.deepEqual(await statuses(run), [503, 200, 200]);
  await run.puppet.tell({ do: 'unlisten' });
  assert.deepEqual(await statuses(run), [503, 200, 200]);
});

test('it is so after the signal too, until the app is gone', async () => {
  await using run = await startPuppet(['--shutdown-delay', '0']);
  await run.puppet.tell({ do: 'catch', signals: ['SIGTERM'] });
  await run.puppet.tell({ do: 'listen', port: 0 });
  await run.line('ready');
  run.kill('SIGTERM');
  await run.puppet.received('SIGTERM');
  assert.deepEqual(await statuses(run), [503, 200, 200]);
});

test('--readiness-on-drain keep: through the pause it is as the app says', async () => {
  await using run = await startPuppet(['--readiness-on-drain', 'keep', '--shutdown-delay', '1h']);
  await run.puppet.tell({ do: 'listen', port: 0 });
  await run.line('ready');
  run.kill('SIGTERM');
  await run.line('draining');
  assert.deepEqual(await statuses(run), [200, 200, 200]);
});

test('--readiness-on-drain keep: after the signal it fails all the same', async () => {
  await using run = await startPuppet(['--readiness-on-drain', 'keep', '--shutdown-delay', '0']);
  await run.puppet.tell({ do: 'catch', signals: ['SIGTERM'] });
  await run.puppet.tell({ do: 'listen', port: 0 });
  await run.line('ready');
  run.kill('SIGTERM');
  await run.puppet.received('SIGTERM');
  assert.deepEqual(await statuses(run), [503, 200, 200]);
});

async function statuses(run: SupervisedPuppet): Promise<readonly number[]> {
  const replies = await Promise.all(['/readyz', '/livez', '/startupz'].map((path) => run.get(path)));
  return replies.map(({ status }) => status);
}
