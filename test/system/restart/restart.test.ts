import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { noFfi } from '../../rig/ffi.ts';
import { finish, lastLine } from '../../rig/finished.ts';
import { start } from '../../rig/supervised.ts';

test('an app that fails is restarted up to --restart-limit, then k8s-run exits with its code', async () => {
  const ended = await finish(['--restart=on-failure', '--restart-limit=1'], ['sh', '-c', 'echo life; exit 7']);
  assert.deepEqual([ended.code, ended.stdout], [7, 'life\nlife\n']);
  const restarts = ended.lines.filter(({ event }) => event === 'restarting');
  assert.deepEqual(
    restarts.map((line) => [line['code'], line['delayMs'], line['restarts']]),
    [[7, 500, 1]],
  );
  assert.equal(lastLine(ended)['restarts'], 1);
});

test('--restart on-failure does not restart an app that exits with 0, and never restarts none', async () => {
  const well = await finish(['--restart=on-failure'], ['echo', 'life']);
  assert.deepEqual([well.code, well.stdout], [0, 'life\n']);
  const never = await finish([], ['sh', '-c', 'echo life; exit 7']);
  assert.deepEqual([never.code, never.stdout], [7, 'life\n']);
  const none = await finish(['--restart=always', '--restart-limit=0'], ['sh', '-c', 'echo life; exit 7']);
  assert.deepEqual([none.code, none.stdout], [7, 'life\n']);
});

test('during the back-off the app is not ready but live, and a stop signal ends k8s-run with the app’s code', async () => {
  await using run = start(['--restart=always', '--ready=none'], ['sh', '-c', 'echo life; exit 7']);
  // The fourth wait is four seconds long.
  await run.line('restarting', (line) => line['delayMs'] === 4_000);
  const told = await Promise.all(['/readyz', '/livez'].map((path) => run.get(path)));
  assert.deepEqual(
    told.map(({ status }) => status),
    [503, 200],
  );
  const { state, restarts, restartInMs } = JSON.parse((await run.get('/statusz')).body);
  assert.deepEqual([state, restarts, restartInMs > 0], ['backingOff', 3, true]);
  run.kill('SIGTERM');
  assert.deepEqual(await run.ended(), { code: 7, signal: null });
  assert.equal(run.stdout(), 'life\n'.repeat(4));
});

test('after a restart the app is probed again, and becomes ready', async () => {
  await using run = start(['--restart=always'], [process.execPath, '-e', SERVER]);
  await run.line('ready');
  const first = await run.appPid();
  process.kill(first, 'SIGKILL');
  await run.line('restarting', (line) => line['signal'] === 'SIGKILL');
  await until('a second life', () => run.lines().filter(({ event }) => event === 'ready').length === 2);
  assert.equal((await run.get('/readyz')).status, 200);
  const second = run.lines().findLast(({ event }) => event === 'spawned')?.['pid'];
  assert.notEqual(second, first);
  run.kill('SIGTERM');
  assert.deepEqual(await run.ended(), { code: 143, signal: null });
  assert.throws(() => process.kill(Number(second), 0), { code: 'ESRCH' });
});

test('leftovers of the app are gone before it is restarted', { skip: noFfi }, async () => {
  const script = 'setsid sleep 1000 & echo $!; exit 1';
  await using run = start(['--restart=on-failure', '--restart-limit=1'], ['sh', '-c', script]);
  assert.equal((await run.ended()).code, 1);
  const order = run.events().filter((event) => ['spawned', 'leftovers', 'restarting', 'exited'].includes(event));
  assert.deepEqual(order, ['spawned', 'leftovers', 'restarting', 'spawned', 'leftovers', 'exited']);
  for (const pid of run.stdout().trim().split('\n')) {
    assert.throws(() => process.kill(Number(pid), 0), { code: 'ESRCH' }, pid);
  }
});

test('an app that cannot be started is not restarted', async () => {
  const ended = await finish(['--restart=always'], ['/no/such/app']);
  assert.equal(ended.code, 127);
});

const SERVER = "require('http').createServer((_, r) => r.end('ok')).listen(0, '0.0.0.0')";
