import assert from 'node:assert/strict';
import { test } from 'node:test';
import { finish } from '../../rig/finished.ts';
import { start } from '../../rig/supervised.ts';

test('a shutdown longer than --termination-grace-period is a mistake that shows the sum, and nothing is started', async () => {
  const options = ['--termination-grace-period', '30', '--shutdown-delay', '4s', '--grace', '25s'];
  const { code, stderr, events } = await finish(options, ['true']);
  assert.equal(code, 78);
  assert.match(stderr, /--termination-grace-period 30s: --shutdown-delay 4s \+ --grace 25s \+ 2s in reserve = 31s/);
  assert.ok(!events.includes('starting'));
});

test('a drain that leaves the app less than a second of the grace is a mistake, and nothing is started', async () => {
  const { code, stderr, events } = await finish(['--drain-connections', '20s', '--grace', '20s'], ['true']);
  assert.equal(code, 78);
  assert.match(stderr, /cannot use --drain-connections 20s: it is a part of --grace 20s, .*make --grace 21s or more/);
  assert.ok(!events.includes('starting'));
});

test('a shutdown budget that does not fit is reported with all other mistakes, by the names that the user wrote', async () => {
  const env = { ...process.env, K8S_RUN_TERMINATION_GRACE_PERIOD: '3', K8S_RUN_GRACE: '9s', K8S_RUN_STOP_ON: 'NOPE' };
  const { code, stderr } = await finish([], ['true'], { env });
  assert.equal(code, 78);
  assert.match(stderr, /K8S_RUN_STOP_ON/);
  assert.match(stderr, /K8S_RUN_TERMINATION_GRACE_PERIOD 3s: .*K8S_RUN_GRACE 9s/);
});

test('--termination-grace-period sets the grace that was not chosen', async () => {
  await using run = start(['--termination-grace-period', '60'], ['sleep', '300']);
  await run.line('spawned');
  const { options } = JSON.parse((await run.get('/statusz')).body);
  assert.deepEqual([options.shutdownDelayMs, options.graceMs, options.drainConnectionsMs], [5_000, 53_000, 10_000]);
});

test('--drain-connections with --stop-on none is a warning, because no signal starts the shutdown', async () => {
  const { code, lines } = await finish(['--stop-on', 'none', '--drain-connections', '5s'], ['true']);
  assert.equal(code, 0);
  assert.match(
    String(lines.find(({ event }) => event === 'warning')?.msg),
    /--drain-connections has no effect.*--stop-on/,
  );
});
