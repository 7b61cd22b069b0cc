import assert from 'node:assert/strict';
import { mkdtempDisposableSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { selfSigned } from '../../rig/certificate.ts';
import { until } from '../../rig/deadline.ts';
import { noFfi } from '../../rig/ffi.ts';
import { type SupervisedPuppet, startPuppet } from '../../rig/puppet.ts';
import type { Line, Start } from '../../rig/supervised.ts';
import { clientOf } from './client.ts';

const OFF = ['--shutdown-delay', '300ms', '--drain-connections', 'off'];

type App = { run: SupervisedPuppet; port: number; [Symbol.asyncDispose]: () => PromiseLike<void> };

async function serving(options: readonly string[], how?: Start, command: object = {}): Promise<App> {
  const run = await startPuppet(options, how);
  const port = await run.puppet.tell<number>({ do: 'serve', port: 0, ...command });
  await run.line('ready');
  return { run, port, [Symbol.asyncDispose]: () => run[Symbol.asyncDispose]() };
}

async function exitedOf({ run }: App): Promise<Line> {
  await run.ended();
  return run.line('exited');
}

/** A request that will not be answered. */
const lost = (answer: Promise<unknown>): void => void answer.catch(() => {});

test('a request that the end of the app cuts is a warning that counts it and names the option', {
  skip: noFfi,
}, async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'k8s-run-'));
  const reason = join(folder.path, 'reason');
  writeFileSync(reason, '');
  await using app = await serving([...OFF, '--termination-log', reason]);
  using client = clientOf(app.port);
  lost(client.get('/held'));
  lost(client.get('/held', 'keep-alive'));
  await app.run.puppet.holds(2);
  app.run.kill('SIGTERM');
  const exited = await exitedOf(app);
  assert.deepEqual([exited['cutRequests'], exited['remedy'], exited.level], [2, '--drain-connections', 'warn']);
  assert.match(String(exited.msg), /; 2 requests were cut \(--drain-connections waits/);
  assert.match(readFileSync(reason, 'utf8'), /2 requests were cut .*\n(.*\n)*cut requests: 2\n/);
});

test('nothing is cut where the app answers before it exits, and idle connections are no requests', {
  skip: noFfi,
}, async () => {
  await using app = await serving(OFF);
  using client = clientOf(app.port);
  await app.run.puppet.tell({ do: 'catch', signals: ['SIGTERM'] });
  assert.equal(await client.get('/', 'keep-alive'), 'puppet\n');
  const answer = client.get('/held');
  await app.run.puppet.holds(1);
  app.run.kill('SIGTERM');
  await app.run.line('stopping');
  await app.run.puppet.tell({ do: 'release' });
  assert.equal(await answer, 'released\n');
  await app.run.puppet.tell({ do: 'exit', code: 0 }).catch(() => {});
  const exited = await exitedOf(app);
  assert.deepEqual([exited['cutRequests'], exited.level], [0, 'info']);
});

test('what is cut by SIGKILL names --grace', { skip: noFfi }, async () => {
  await using app = await serving([...OFF, '--grace', '500ms']);
  using client = clientOf(app.port);
  await app.run.puppet.tell({ do: 'catch', signals: ['SIGTERM'] });
  lost(client.get('/held'));
  await app.run.puppet.holds(1);
  app.run.kill('SIGTERM');
  const exited = await exitedOf(app);
  assert.deepEqual([exited['cutRequests'], exited['remedy'], exited['cause']], [1, '--grace', 'killed']);
});

test('a drain that reaches its limit names --drain-connections', { skip: noFfi }, async () => {
  await using app = await serving(['--shutdown-delay', '50ms', '--drain-connections', '500ms']);
  using client = clientOf(app.port);
  lost(client.get('/held'));
  await app.run.puppet.holds(1);
  app.run.kill('SIGTERM');
  const exited = await exitedOf(app);
  assert.deepEqual([exited['cutRequests'], exited['remedy']], [1, '--drain-connections']);
  assert.equal((await app.run.line('stopping'))['waitEnded'], 'limit');
});

test('an app that ends by itself in the delay has cut what was in flight', { skip: noFfi }, async () => {
  await using app = await serving(['--shutdown-delay', '1h', '--drain-connections', 'off']);
  using client = clientOf(app.port);
  lost(client.get('/held'));
  await app.run.puppet.holds(1);
  app.run.kill('SIGTERM');
  await until('a count in the delay', async () => {
    const status = JSON.parse((await app.run.get('/statusz')).body);
    return status.shutdown?.connections?.busy === 1;
  });
  await app.run.puppet.tell({ do: 'exit', code: 3 }).catch(() => {});
  const exited = await exitedOf(app);
  assert.deepEqual([exited['cutRequests'], exited['remedy'], exited['code']], [1, undefined, 3]);
});

test('the first request of a TLS connection is counted, though tickets were sent behind it', {
  skip: noFfi,
}, async () => {
  await using app = await serving(OFF, undefined, { tls: selfSigned() });
  const call = request({ host: '127.0.0.1', port: app.port, path: '/held', rejectUnauthorized: false, agent: false });
  call.on('error', () => {}).end();
  try {
    await app.run.puppet.holds(1);
    app.run.kill('SIGTERM');
    assert.equal((await exitedOf(app))['cutRequests'], 1);
  } finally {
    call.destroy();
  }
});

test('an app that is restarted because of a change has a warning and a metric for what that cuts', {
  skip: noFfi,
}, async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'k8s-run-'));
  const file = join(folder.path, 'config');
  writeFileSync(file, 'one');
  await using app = await serving([...OFF, '--watch', file, '--on-change', 'restart']);
  using client = clientOf(app.port);
  lost(client.get('/held'));
  await app.run.puppet.holds(1);
  writeFileSync(file, 'two');
  const warning = await app.run.line('warning');
  assert.equal(warning['cutRequests'], 1);
  assert.match((await app.run.get('/metrics')).body, /^k8s_run_cut_requests_total 1$/m);
});

test('where nothing was counted, nothing is said', async () => {
  await using app = await serving(['--shutdown-delay', '0', '--drain-connections', 'off']);
  app.run.kill('SIGTERM');
  const exited = await exitedOf(app);
  assert.equal(exited['remedy'], undefined);
  assert.ok([undefined, 0].includes(exited['cutRequests'] as number | undefined));
});
