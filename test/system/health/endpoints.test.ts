import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { startPuppet } from '../../rig/puppet.ts';
import { start } from '../../rig/supervised.ts';

const SLEEP = ['sleep', '300'];

test('the endpoints of a healthy app answer ok, as text, verbose, JSON, and to HEAD', async () => {
  await using run = start(['--ready', 'none'], SLEEP);
  await run.line('ready');
  for (const path of ['/healthz', '/livez', '/readyz', '/startupz']) {
    const plain = await run.get(path);
    assert.deepEqual(
      [plain.status, plain.body, plain.headers['content-type']],
      [200, 'ok', 'text/plain; charset=utf-8'],
    );
    const head = await run.get(path, { method: 'HEAD' });
    assert.deepEqual([head.status, head.body, head.headers['content-length']], [200, '', '2']);
  }
  assert.equal((await run.get('/readyz?verbose')).body, '[+]startup ok\n[+]ready ok\nreadyz check passed\n');
  assert.equal((await run.get('/livez?verbose')).body, '[+]live ok\nlivez check passed\n');
  const json = await run.get('/readyz', { headers: { accept: 'application/json' } });
  assert.equal(json.headers['content-type'], 'application/json; charset=utf-8');
  assert.deepEqual(JSON.parse(json.body), {
    status: 'ok',
    checks: [
      { name: 'startup', status: 'ok' },
      { name: 'ready', status: 'ok' },
    ],
  });
});

test('the endpoints of an app that has not started answer with the reason, as text, verbose, JSON, and to HEAD; it is live', async () => {
  await using run = start(['--ready', 'file:/no/such/file'], SLEEP);
  const reason = '/no/such/file does not exist';
  await until('the reason', async () => (await run.get('/startupz')).body === `${reason}\n`, run.stderr);
  const ready = await run.get('/readyz');
  assert.deepEqual([ready.status, ready.body], [503, `not started: ${reason}\n`]);
  assert.deepEqual([(await run.get('/livez')).status, (await run.get('/healthz')).status], [200, 200]);
  assert.equal((await run.get('/readyz', { method: 'HEAD' })).status, 503);
  const verbose = await run.get('/readyz?verbose=1');
  assert.equal(
    verbose.body,
    `[-]startup failed: ${reason}\n[-]ready failed: not started: ${reason}\nreadyz check failed\n`,
  );
  assert.equal(verbose.status, 503);
  const json = await run.get('/startupz', { headers: { accept: 'application/json' } });
  assert.equal(json.status, 503);
  assert.deepEqual(JSON.parse(json.body), {
    status: 'failed',
    reason,
    checks: [{ name: 'startup', status: 'failed', reason }],
  });
});

test('the health server refuses any method but GET and HEAD, and any path but its endpoints', async () => {
  await using run = start(['--ready', 'none'], SLEEP);
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE']) {
    const reply = await run.get('/readyz', { method });
    assert.deepEqual([method, reply.status, reply.headers['allow']], [method, 405, 'GET, HEAD']);
  }
  for (const path of ['/', '/ready', '/readyz/', '/constructor', '/__proto__', '/%72eadyz', '//readyz']) {
    assert.deepEqual([path, (await run.get(path)).status], [path, 404]);
  }
  await run.line('ready');
});

test('a client that names JSON gets it unless it wants text more', async () => {
  await using run = start(['--ready', 'none'], ['sleep', '300']);
  await run.line('ready');
  const typeFor = async (accept: string): Promise<string> => {
    const { headers } = await run.get('/readyz', { headers: { accept } });
    assert.equal(headers['vary'], 'Accept');
    return String(headers['content-type']).split(';', 1)[0] ?? '';
  };
  for (const accept of ['application/json, text/plain, */*', 'application/json;q=0.5', 'Application/JSON, text/html'])
    assert.equal(await typeFor(accept), 'application/json', accept);
  for (const accept of [
    '*/*',
    'application/*',
    'application/json;q=0',
    'application/json;q=0.4, text/*',
    'text/html, */*',
  ])
    assert.equal(await typeFor(accept), 'text/plain', accept);
});

test('/statusz has the state, the probes, the phases and the shutdown', async () => {
  await using run = await startPuppet(['--ready', 'none', '--shutdown-delay', '10m', '--grace', '20m']);
  await run.line('ready');
  const before = JSON.parse((await run.get('/statusz')).body);
  assert.equal(before.state, 'running');
  assert.deepEqual(before.app, { program: 'node', pid: run.puppet.pid });
  const { changedAgoMs, ...ready } = before.probes.ready;
  assert.deepEqual(ready, { probe: 'none', kind: 'ok' });
  assert.ok(changedAgoMs >= 0 && changedAgoMs <= before.probes.live.changedAgoMs);
  assert.equal(before.runtime, process.version);
  assert.deepEqual(before.options.shutdownDelayMs, 600_000);
  assert.deepEqual(before.log, { droppedLines: 0 });
  run.kill('SIGTERM');
  await run.line('terminating');
  const after = JSON.parse((await run.get('/statusz')).body);
  assert.equal(after.state, 'delaying');
  assert.deepEqual(after.shutdown.cause, { kind: 'signal', signal: 15 });
  assert.deepEqual([after.probes.ready.kind, after.probes.ready.reason], ['failed', 'shutting down']);
  assert.ok(after.probes.ready.changedAgoMs < after.probes.startup.changedAgoMs);
  assert.deepEqual(
    after.phases.map(({ phase }: { phase: string }) => phase),
    ['preparing', 'running', 'delaying'],
  );
});

test('liveness is 200 throughout the shutdown', async () => {
  await using run = await startPuppet(['--ready', 'none', '--shutdown-delay', '10ms', '--grace', '1h']);
  await run.puppet.tell({ do: 'catch', signals: ['SIGTERM'] });
  await run.line('ready');
  run.kill('SIGTERM');
  await run.puppet.received('SIGTERM');
  assert.deepEqual([(await run.get('/livez')).status, (await run.get('/healthz')).status], [200, 200]);
  assert.deepEqual([(await run.get('/readyz')).status, (await run.get('/startupz')).status], [503, 200]);
});
