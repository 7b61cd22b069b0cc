import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withFault } from '../../rig/inject.ts';
import { startPuppet } from '../../rig/puppet.ts';
import { serveTcp } from '../../rig/target.ts';

for (const fault of ['connect throws', 'connect throws later'] as const) {
  test(`when ${fault} in a probe, the fault is logged, the probe starts again, and the app does not notice`, async () => {
    await using target = await serveTcp(() => {});
    await using run = await startPuppet(
      ['--ready', `tcp://127.0.0.1:${target.port}`, '--live', 'none', '--shutdown-delay', '1ms'],
      withFault(fault, { key: target.port }),
    );
    await run.puppet.tell({ do: 'exitOn', signal: 'SIGTERM', code: 7 });
    const said = await run.line('fault');
    assert.deepEqual([said.level, said['room'], said['error']], ['error', 'probe', `injected ${fault}`]);
    await run.line('ready');
    assert.equal((await run.get('/readyz')).status, 200);
    run.kill('SIGTERM');
    assert.deepEqual(await run.ended(), { code: 7, signal: null });
  });
}

test('a fault at the end of an exec probe is one of probing, and the app does not notice', async () => {
  const options = ['--ready', 'exec:false', '--live', 'none', '--startup', 'none', '--shutdown-delay', '1ms'];
  await using run = await startPuppet(options, withFault('the exit of false throws'));
  await run.puppet.tell({ do: 'exitOn', signal: 'SIGTERM', code: 7 });
  const said = await run.line('fault');
  assert.deepEqual([said['room'], said['error']], ['probe', 'injected the exit of false throws']);
  run.kill('SIGTERM');
  assert.deepEqual(await run.ended(), { code: 7, signal: null });
});

test('a probe that always throws affects neither the app, nor the health server, nor the shutdown', async () => {
  await using target = await serveTcp(() => {});
  await using run = await startPuppet(
    ['--ready', `tcp://127.0.0.1:${target.port}`],
    withFault('connect throws', { key: target.port, times: 1e9 }),
  );
  await run.puppet.tell({ do: 'exitOn', signal: 'SIGTERM', code: 7 });
  await run.line('fault');
  await run.line('fault', (line) => line !== run.lines().find(({ event }) => event === 'fault'));
  assert.deepEqual([(await run.get('/readyz')).status, (await run.get('/livez')).status], [503, 200]);
  run.kill('SIGTERM');
  assert.deepEqual(await run.ended(), { code: 7, signal: null });
});
