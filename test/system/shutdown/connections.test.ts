import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { until } from '../../rig/deadline.ts';
import { noFfi } from '../../rig/ffi.ts';
import { withFault } from '../../rig/inject.ts';
import { type SupervisedPuppet, startPuppet } from '../../rig/puppet.ts';
import type { Line, Start } from '../../rig/supervised.ts';
import { clientOf } from './client.ts';

/** A limit that would outlast every deadline: who comes to an end with it did not wait for it. */
const LONG = ['--shutdown-delay', '50ms', '--drain-connections', '1h'];
const SHORT = ['--shutdown-delay', '50ms', '--drain-connections', '500ms'];

/** A puppet that serves and dies at once of its signal. */
async function serving(
  options: readonly string[],
  how?: Start,
): Promise<{ run: SupervisedPuppet; port: number; [Symbol.asyncDispose]: () => PromiseLike<void> }> {
  const run = await startPuppet(options, how);
  const port = await run.puppet.tell<number>({ do: 'serve', port: 0 });
  await run.line('ready');
  return { run, port, [Symbol.asyncDispose]: () => run[Symbol.asyncDispose]() };
}

/** Sends the signal and waits until the delay is over and as many connections are seen at work. */
async function drainingWith(run: SupervisedPuppet, busy: number): Promise<void> {
  run.kill('SIGTERM');
  await run.line('draining');
  await drainingBusy(run, busy);
}

async function drainingBusy(run: SupervisedPuppet, busy: number): Promise<void> {
  await until(
    `${busy} busy connections`,
    async () => {
      const status = JSON.parse((await run.get('/statusz')).body);
      return status.state === 'draining' && status.shutdown.connections?.busy === busy;
    },
    () => run.stderr(),
  );
}

async function stoppingOf(run: SupervisedPuppet): Promise<Line> {
  assert.deepEqual(await run.ended(), { code: 143, signal: null });
  return run.line('stopping');
}

test('a request in flight is answered before an app that dies at once gets its signal', async () => {
  await using app = await serving(LONG);
  using client = clientOf(app.port);
  const answer = client.get('/held');
  await app.run.puppet.holds(1);
  await drainingWith(app.run, 1);
  assert.equal(await app.run.puppet.tell({ do: 'release' }), 1);
  assert.equal(await answer, 'released\n');
  const stopping = await stoppingOf(app.run);
  assert.deepEqual([stopping['waitEnded'], stopping['busyConnections']], ['none busy', 0]);
  const phases = (await app.run.line('exited'))['phases'] as Readonly<Record<string, number>>;
  assert.ok('drainingMs' in phases);
});

test('the stop signal waits until no new connection has come for a second', async () => {
  await using app = await serving(LONG);
  using client = clientOf(app.port);
  const answer = client.get('/held');
  await app.run.puppet.holds(1);
  await drainingWith(app.run, 1);
  const before = Date.now();
  {
    using late = clientOf(app.port);
    const held = late.get('/held');
    await drainingBusy(app.run, 2);
    assert.equal(await app.run.puppet.tell({ do: 'release' }), 2);
    await Promise.all([answer, held]);
  }
  client[Symbol.dispose]();
  const stopping = await stoppingOf(app.run);
  assert.equal(stopping['waitEnded'], 'none busy');
  assert.ok(Date.parse(String(stopping['time'])) - before >= 1_000, 'no sooner than a second after the last that came');
});

test('by default a request in flight is answered before an app that dies at once gets its signal', {
  skip: noFfi,
}, async () => {
  await using app = await serving(['--shutdown-delay', '50ms', '--grace', '2h']);
  using client = clientOf(app.port);
  const answer = client.get('/held');
  await app.run.puppet.holds(1);
  await drainingWith(app.run, 1);
  assert.equal((await app.run.line('draining'))['limitMs'], 10_000);
  assert.equal(await app.run.puppet.tell({ do: 'release' }), 1);
  assert.equal(await answer, 'released\n');
  assert.equal((await stoppingOf(app.run))['waitEnded'], 'none busy');
});

test('by default an open connection holds nothing up where the kernel does not tell busy from idle', {
  skip: noFfi,
}, async () => {
  await using app = await serving(['--shutdown-delay', '50ms'], { nodeOptions: ['--no-experimental-ffi'] });
  using client = clientOf(app.port);
  assert.equal(await client.get('/', 'keep-alive'), 'puppet\n');
  app.run.kill('SIGTERM');
  assert.ok(!('waitEnded' in (await stoppingOf(app.run))));
  assert.ok(!app.run.events().includes('draining'));
});

for (const delay of ['50ms', '0']) {
  test(`by default nothing is waited for or logged when no request is in flight, with a delay of ${delay}`, async () => {
    await using app = await serving(['--shutdown-delay', delay]);
    using client = clientOf(app.port);
    assert.equal(await client.get('/'), 'puppet\n');
    app.run.kill('SIGTERM');
    const stopping = await stoppingOf(app.run);
    assert.ok(!('waitEnded' in stopping));
    assert.ok(!app.run.events().includes('draining'));
    const phases = (await app.run.line('exited'))['phases'] as Readonly<Record<string, number>>;
    assert.ok(!('drainingMs' in phases));
  });
}

test('the grace includes the drain: an app that ignores its signal is killed when both are over', async () => {
  const options = ['--shutdown-delay', '50ms', '--drain-connections', '500ms', '--grace', '1500ms'];
  await using app = await serving(options);
  await app.run.puppet.tell({ do: 'catch', signals: ['SIGTERM'] });
  using client = clientOf(app.port);
  client.get('/held').catch(() => {});
  await app.run.puppet.holds(1);
  app.run.kill('SIGTERM');
  const stopping = await app.run.line('stopping');
  assert.equal(stopping['waitEnded'], 'limit');
  assert.ok(Number(stopping['graceMs']) <= 1_000, 'the drain is a part of the grace');
  assert.deepEqual(await app.run.ended(), { code: 137, signal: null });
});

test('an upload that stalls counts as in flight', async () => {
  await using app = await serving(LONG);
  using client = clientOf(app.port);
  const { finish, answer } = await client.upload(100_000);
  await drainingWith(app.run, 1);
  finish();
  assert.equal(await answer, '100000\n');
  assert.equal((await stoppingOf(app.run))['waitEnded'], 'none busy');
});

test('without traffic the drain ends at once', async () => {
  await using app = await serving(LONG);
  app.run.kill('SIGTERM');
  const stopping = await stoppingOf(app.run);
  assert.deepEqual([stopping['busyConnections'], stopping['idleConnections']], [0, 0]);
});

test('an idle kept-alive connection does not delay the stop signal, and is counted', { skip: noFfi }, async () => {
  await using app = await serving(LONG);
  using client = clientOf(app.port);
  assert.equal(await client.get('/', 'keep-alive'), 'puppet\n');
  app.run.kill('SIGTERM');
  const stopping = await stoppingOf(app.run);
  assert.deepEqual([stopping['busyConnections'], stopping['idleConnections']], [0, 1]);
});

test('where the kernel does not tell busy from idle, every open connection counts as in flight', {
  skip: noFfi,
}, async () => {
  await using app = await serving(SHORT, { nodeOptions: ['--no-experimental-ffi'] });
  using client = clientOf(app.port);
  assert.equal(await client.get('/', 'keep-alive'), 'puppet\n');
  app.run.kill('SIGTERM');
  const stopping = await stoppingOf(app.run);
  assert.deepEqual([stopping['waitEnded'], stopping['busyConnections']], ['limit', 1]);

  await using other = await serving(LONG, { nodeOptions: ['--no-experimental-ffi'] });
  using second = clientOf(other.port);
  const answer = second.get('/held');
  await other.run.puppet.holds(1);
  await drainingWith(other.run, 1);
  await other.run.puppet.tell({ do: 'release' });
  assert.equal(await answer, 'released\n');
  assert.equal((await stoppingOf(other.run))['waitEnded'], 'none busy');
});

test('while clients go on sending on kept-alive connections, the stop signal is sent between two requests', {
  skip: noFfi,
}, async () => {
  await using app = await serving(['--shutdown-delay', '50ms', '--drain-connections', '10s']);
  using client = clientOf(app.port);
  let asked = 0;
  const user = async (): Promise<void> => {
    for (;;) {
      asked += 1;
      await client.get('/', 'keep-alive');
      // It thinks for much longer than the app, also on a busy machine.
      await setTimeout(200);
    }
  };
  const gone = Promise.all([1, 2, 3].map(() => assert.rejects(user())));
  await until('they ask', () => asked > 10);
  app.run.kill('SIGTERM');
  assert.equal((await stoppingOf(app.run))['waitEnded'], 'none in flight');
  await gone;
});

test('a thousand connections that never end are waited for until the limit, and counted in the log', async () => {
  await using app = await serving(SHORT);
  using client = clientOf(app.port);
  for (let batch = 0; batch < 10; batch += 1) {
    await Promise.all(Array.from({ length: 100 }, () => client.open('GET / HTTP/1.1\r\n')));
  }
  app.run.kill('SIGTERM');
  const stopping = await stoppingOf(app.run);
  assert.deepEqual([stopping['waitEnded'], stopping['busyConnections']], ['limit', 1_000]);
});

test('connections of a port that the app has closed, and of one that it has opened since, both count', async () => {
  await using app = await serving(LONG);
  const { run } = app;
  using first = clientOf(app.port);
  const onTheOld = first.get('/held');
  await run.puppet.holds(1);
  await drainingWith(run, 1);
  await run.puppet.tell({ do: 'unlisten' });
  using second = clientOf(await run.puppet.tell<number>({ do: 'serve', port: 0 }));
  const onTheNew = second.get('/held');
  await drainingWith(run, 2);
  await run.puppet.tell({ do: 'release' });
  assert.deepEqual(await Promise.all([onTheOld, onTheNew]), ['released\n', 'released\n']);
  assert.equal((await stoppingOf(run))['waitEnded'], 'none busy');
});

test("k8s-run's own probes do not count as traffic", async () => {
  const probes = ['--readiness-on-drain', 'keep', '--probe-period', '20ms'];
  await using run = await startPuppet([...LONG, ...probes, '--ready', 'auto', '--live', 'process']);
  await run.puppet.tell({ do: 'serve', port: 0 });
  await run.line('ready');
  run.kill('SIGTERM');
  assert.equal((await stoppingOf(run))['waitEnded'], 'none busy');
});

test('an app that ends by itself ends the drain', async () => {
  await using app = await serving(LONG);
  using client = clientOf(app.port);
  const answer = client.get('/held').catch((error: NodeJS.ErrnoException) => error.code);
  await app.run.puppet.holds(1);
  await drainingWith(app.run, 1);
  await app.run.puppet.tell({ do: 'exit', code: 3 });
  assert.equal((await app.run.ended()).code, 3);
  assert.equal(await answer, 'ECONNRESET');
  assert.ok(!app.run.events().includes('stopping'));
});

test('where connections cannot be counted the drain lasts until its limit, and the log says why', async () => {
  const fault = withFault('no table of connections', { times: 1_000 });
  await using run = await startPuppet([...SHORT, '--ready', 'process'], fault);
  await run.puppet.tell({ do: 'serve', port: 0 });
  await run.line('ready');
  run.kill('SIGTERM');
  const stopping = await stoppingOf(run);
  assert.equal(stopping['waitEnded'], 'limit');
  assert.match(String((await run.line('uncountable'))['reason']), /cannot be distinguished/);
  assert.equal(run.events().filter((event) => event === 'uncountable').length, 1);
});

test('a fault while connections are counted is logged, and the next count is taken', async () => {
  await using run = await startPuppet([...LONG, '--ready', 'process'], withFault('groupBy throws'));
  await run.puppet.tell({ do: 'serve', port: 0 });
  await run.line('ready');
  run.kill('SIGTERM');
  assert.equal((await stoppingOf(run))['waitEnded'], 'none busy');
  assert.match(String((await run.line('uncountable'))['reason']), /injected/);
});

test('an app that listens on no TCP port has no connections to wait for', async () => {
  await using run = await startPuppet([...LONG, '--ready', 'process']);
  await run.line('ready');
  run.kill('SIGTERM');
  const stopping = await stoppingOf(run);
  assert.deepEqual([stopping['waitEnded'], stopping['delaySkipped']], ['none busy', undefined]);
});
