import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { withFault } from '../../rig/inject.ts';
import { startPuppet } from '../../rig/puppet.ts';
import { isRunning } from '../../rig/supervised.ts';

const { SIGUSR2, SIGTERM } = constants.signals;
const EXIT_SOFTWARE = 70;

test('a fault of the lifecycle stops the app in order: its signal, its grace, then 70', async () => {
  await using run = await startPuppet(['--ready', 'none', '--grace', '1h'], withFault('get throws', { key: SIGUSR2 }));
  await run.puppet.tell({ do: 'exitOn', signal: 'SIGTERM', code: 7 });
  await run.line('ready');
  run.kill('SIGUSR2');
  const stopping = await run.line('stopping');
  assert.deepEqual([stopping['signal'], stopping['delaySkipped']], ['SIGTERM', 'fault']);
  assert.deepEqual(await run.ended(), { code: EXIT_SOFTWARE, signal: null });
  const { level, code, cause, msg, fault } = await run.line('exited');
  assert.deepEqual([level, code, cause], ['error', EXIT_SOFTWARE, 'fault']);
  assert.deepEqual(fault, { room: 'lifecycle', message: 'injected get throws' });
  assert.match(msg, /internal error in lifecycle: injected get throws/);
});

test('after a fault of the lifecycle readiness fails and liveness holds until the app is gone', async () => {
  await using run = await startPuppet(['--ready', 'none', '--grace', '1h'], withFault('get throws', { key: SIGUSR2 }));
  await run.puppet.tell({ do: 'catch', signals: ['SIGTERM'] });
  await run.line('ready');
  run.kill('SIGUSR2');
  await run.puppet.received('SIGTERM');
  assert.deepEqual([(await run.get('/readyz')).status, (await run.get('/livez')).status], [503, 200]);
  await run.puppet.tell({ do: 'exit', code: 0 });
  assert.equal((await run.ended()).code, EXIT_SOFTWARE);
});

test('after a fault of the lifecycle an app that ignores its signal is killed at the end of the grace', async () => {
  await using run = await startPuppet(
    ['--ready', 'none', '--grace', '50ms'],
    withFault('get throws', { key: SIGUSR2 }),
  );
  await run.puppet.tell({ do: 'catch', signals: ['SIGTERM'] });
  await run.line('ready');
  run.kill('SIGUSR2');
  assert.equal((await run.ended()).code, EXIT_SOFTWARE);
  assert.equal((await run.line('exited'))['signal'], 'SIGKILL');
});

test('a lifecycle that faults again and again kills the app and exits with 70', async () => {
  await using run = await startPuppet(
    ['--ready', 'none', '--grace', '1h'],
    withFault('get throws', { key: SIGUSR2, times: 1e9 }),
  );
  await run.puppet.tell({ do: 'catch', signals: ['SIGTERM'] });
  await run.line('ready');
  run.kill('SIGUSR2');
  await run.puppet.received('SIGTERM');
  await until('the end', () => {
    if (run.child.exitCode !== null || run.child.signalCode !== null) return true;
    run.kill('SIGUSR2');
    return false;
  });
  assert.equal((await run.ended()).code, EXIT_SOFTWARE);
  await run.line('exited', ({ code }) => code === EXIT_SOFTWARE);
  await until('the app is gone', async () => !(await isRunning(run.puppet.pid)));
});

test('a fault after the app has exited ends k8s-run with 70', async () => {
  await using run = await startPuppet(
    ['--ready', 'none', '--remap-exit', '33:0'],
    withFault('get throws', { key: 33 }),
  );
  await run.line('ready');
  await run.puppet.tell({ do: 'exit', code: 33 });
  assert.equal((await run.ended()).code, EXIT_SOFTWARE);
  assert.equal((await run.line('exited'))['cause'], 'fault');
});

test('a fault of the process room, while leftovers are searched, ends k8s-run with 70', async () => {
  await using run = await startPuppet(['--ready', 'none'], withFault('groupBy throws', { times: 1e9 }));
  await run.line('ready');
  await run.puppet.tell({ do: 'exit', code: 7 });
  assert.equal((await run.ended()).code, EXIT_SOFTWARE);
  assert.deepEqual((await run.line('exited'))['fault'], { room: 'process', message: 'injected groupBy throws' });
});

test('when listeners cannot be counted the fault is logged, and the shutdown keeps its delay', async () => {
  await using run = await startPuppet(['--ready', 'none'], withFault('groupBy throws'));
  await run.puppet.tell({ do: 'exitOn', signal: 'SIGTERM', code: 7 });
  await run.line('ready');
  run.kill('SIGTERM');
  assert.equal((await run.line('fault'))['room'], 'connections');
  assert.equal((await run.line('stopping'))['delaySkipped'], undefined);
  assert.equal((await run.ended()).code, 7);
});

for (const fault of ['an uncaught exception', 'an unhandled rejection'] as const) {
  test(`${fault} that belongs to no room stops the app in order, and k8s-run exits with 70`, async () => {
    await using run = await startPuppet(['--ready', 'none'], withFault(fault));
    await run.puppet.tell({ do: 'exitOn', signal: 'SIGTERM', code: 7 });
    await run.line('ready');
    run.kill('SIGWINCH');
    await run.line('stopping');
    assert.deepEqual(await run.ended(), { code: EXIT_SOFTWARE, signal: null });
    assert.deepEqual((await run.line('exited'))['fault'], { room: 'lifecycle', message: `injected ${fault}` });
  });
}

test('a signal that may not be sent is a warning, not a fault: the grace goes on and ends in SIGKILL', async () => {
  await using run = await startPuppet(
    ['--ready', 'none', '--shutdown-delay', '1ms', '--grace', '50ms'],
    withFault('kill throws', { key: SIGTERM }),
  );
  await run.line('ready');
  run.kill('SIGTERM');
  assert.match((await run.line('warning')).msg, /cannot send SIGTERM to node: EPERM/);
  assert.equal((await run.ended()).code, 137);
  assert.equal((await run.line('exited'))['cause'], 'killed');
});
