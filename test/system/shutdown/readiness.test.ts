import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { noFfi } from '../../rig/ffi.ts';
import { type SupervisedPuppet, startPuppet } from '../../rig/puppet.ts';
import { killGroup } from '../../rig/supervised.ts';
import { clientOf } from './client.ts';

test('readiness is 503 from the first instant of the shutdown, while liveness and startup stay 200', async () => {
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

test('after the stop signal readiness stays 503, and liveness and startup stay 200, until the app is gone', async () => {
  await using run = await startPuppet(['--shutdown-delay', '0']);
  await run.puppet.tell({ do: 'catch', signals: ['SIGTERM'] });
  await run.puppet.tell({ do: 'listen', port: 0 });
  await run.line('ready');
  run.kill('SIGTERM');
  await run.puppet.received('SIGTERM');
  assert.deepEqual(await statuses(run), [503, 200, 200]);
});

test('with --readiness-on-drain keep readiness follows the app during the delay, and the log says so', async () => {
  await using run = await startPuppet(['--readiness-on-drain', 'keep', '--shutdown-delay', '1h']);
  await run.puppet.tell({ do: 'listen', port: 0 });
  await run.line('ready');
  run.kill('SIGTERM');
  assert.match(
    (await run.line('terminating')).msg,
    /^Shutting down because of SIGTERM; readiness still follows its probe; delaying 1h before signalling/,
  );
  assert.deepEqual(await statuses(run), [200, 200, 200]);
});

test('with --readiness-on-drain keep readiness fails after the stop signal', async () => {
  await using run = await startPuppet(['--readiness-on-drain', 'keep', '--shutdown-delay', '0']);
  await run.puppet.tell({ do: 'catch', signals: ['SIGTERM'] });
  await run.puppet.tell({ do: 'listen', port: 0 });
  await run.line('ready');
  run.kill('SIGTERM');
  await run.puppet.received('SIGTERM');
  assert.deepEqual(await statuses(run), [503, 200, 200]);
});

test('during the drain readiness is 503, on new and on kept-alive connections of the health server', async () => {
  await using run = await startPuppet(['--shutdown-delay', '0', '--drain-connections', '1h']);
  const port = await run.puppet.tell<number>({ do: 'serve', port: 0 });
  await run.line('ready');
  using client = clientOf(port);
  const answer = client.get('/held');
  await run.puppet.holds(1);
  const health = new URL(String((await run.line('starting'))['health']));
  using kept = clientOf(Number(health.port));
  assert.equal(await kept.get('/readyz', 'keep-alive'), 'ok');
  run.kill('SIGTERM');
  await run.line('draining');
  assert.equal(await kept.get('/readyz', 'keep-alive'), 'shutting down\n');
  assert.deepEqual(await statuses(run), [503, 200, 200]);
  assert.equal(await run.puppet.tell({ do: 'release' }), 1);
  assert.equal(await answer, 'released\n');
});

test('the health server answers to the end, when the app is gone and only leftovers are there', {
  skip: noFfi,
}, async () => {
  await using run = await startPuppet(['--shutdown-delay', '0', '--grace', '1h']);
  await run.puppet.tell({ do: 'exitOn', signal: 'SIGTERM', code: 0 });
  const script = 'trap "" TERM; echo deaf > "$0"; while :; do sleep 1; done';
  const folder = await mkdtemp(join(tmpdir(), 'readiness-'));
  try {
    const deaf = join(folder, 'deaf');
    const left = await run.puppet.tell<number>({ do: 'spawn', command: ['sh', '-c', script, deaf], detached: true });
    await until('it is deaf', () => existsSync(deaf));
    run.kill('SIGTERM');
    await run.line('leftovers');
    assert.deepEqual(await statuses(run), [503, 503, 503]);
    killGroup(left);
    assert.equal((await run.ended()).code, 0);
  } finally {
    await rm(folder, { recursive: true });
  }
});

async function statuses(run: SupervisedPuppet): Promise<readonly number[]> {
  const replies = await Promise.all(['/readyz', '/livez', '/startupz'].map((path) => run.get(path)));
  return replies.map(({ status }) => status);
}
