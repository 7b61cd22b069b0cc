import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { startPuppet } from '../../rig/puppet.ts';
import { isRunning } from '../../rig/supervised.ts';

test('an app that ignores TERM is killed at the end of the grace, with 137', async () => {
  await using run = await startPuppet(['--shutdown-delay', '0s', '--grace', '3s']);
  await run.puppet.tell({ do: 'catch', signals: ['SIGTERM'] });
  const grandchild = await run.puppet.tell<number>({ do: 'spawn', command: ['sleep', '1000'], detached: false });
  process.kill(grandchild, 'SIGSTOP');
  run.kill('SIGTERM');
  await run.puppet.received('SIGTERM');
  assert.equal((await run.ended()).code, 137);
  assert.deepEqual(run.puppet.signals(), ['SIGTERM']);
  const killing = await run.line('killing');
  assert.deepEqual([killing['signal'], killing['why'], killing.level], ['SIGKILL', 'grace over', 'warn']);
  const exited = await run.line('exited');
  assert.deepEqual([exited['code'], exited['signal'], exited['cause']], [137, 'SIGKILL', 'killed']);
  const phases = exited['phases'] as Readonly<Record<string, number>>;
  assert.ok((phases['stoppingMs'] ?? 0) >= 3_000, 'the whole grace was given');
  assert.equal(await isRunning(run.puppet.pid), false);
  assert.equal(await isRunning(grandchild), false, 'the kill is for the whole group');
});

test('with --grace 0 the app is killed at once', async () => {
  await using run = await startPuppet(['--shutdown-delay', '0s', '--grace', '0']);
  await run.puppet.tell({ do: 'catch', signals: ['SIGTERM'] });
  run.kill('SIGTERM');
  assert.equal((await run.ended()).code, 137);
});

for (const scope of ['group', 'process']) {
  test(`a stopped app is continued, so that it sees the TERM (--signal-scope ${scope})`, async () => {
    await using run = await startPuppet(['--shutdown-delay', '0s', '--signal-scope', scope]);
    await run.puppet.tell({ do: 'exitOn', signal: 'SIGTERM', code: 7 });
    process.kill(run.puppet.pid, 'SIGSTOP');
    await until('the app is stopped', () => / T /.test(readFileSync(`/proc/${run.puppet.pid}/stat`, 'utf8')));
    run.kill('SIGTERM');
    assert.equal((await run.ended()).code, 7);
  });
}

test('an app that stops itself is not alive, and is continued by the shutdown', async () => {
  await using run = await startPuppet(['--ready', 'none', '--probe-period', '50ms']);
  await run.puppet.tell({ do: 'exitOn', signal: 'SIGTERM', code: 7 });
  await run.line('ready');
  await run.puppet.tell({ do: 'killSelf', signal: 'SIGSTOP' });
  const unlive = await run.line('unlive');
  assert.match(String(unlive['reason']), /stopped/);
  run.kill('SIGTERM');
  assert.equal((await run.ended()).code, 7);
  assert.equal((await run.line('stopping'))['delaySkipped'], 'not alive');
});
