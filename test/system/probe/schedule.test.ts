import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { start } from '../../rig/supervised.ts';
import { serveHttp } from '../../rig/target.ts';

const SLEEP = ['sleep', '300'];

test('--success-threshold successes in a row make the app ready, and --failure-threshold failures make it unready', async () => {
  let held: ServerResponse | null = null;
  const script = [500, 200, 200, 500, 200, 200, 'hold', 500, 500, 200, 500, 500, 'hold'];
  await using target = await serveHttp((_request, response) => {
    const step = script.shift() ?? 200;
    if (step === 'hold') held = response;
    else response.writeHead(Number(step)).end();
  });
  const release = async (status: number): Promise<void> => {
    const response: ServerResponse = await until('the held question', () => held, run.stderr);
    held = null;
    response.writeHead(status).end();
  };
  await using run = start(
    [
      ...['--startup', 'none', '--ready', `http://:${target.port}/`, '--probe-period', '30ms'],
      ...['--probe-timeout', '15s', '--success-threshold', '3', '--failure-threshold', '3'],
    ],
    SLEEP,
  );
  await until('the seventh question', () => held, run.stderr);
  assert.equal((await run.get('/readyz')).status, 503, 'two successes are not three');
  await release(200);
  await run.line('ready');
  await until('the thirteenth question', () => held, run.stderr);
  assert.equal((await run.get('/readyz')).status, 200, 'two failures are not three');
  await release(503);
  assert.equal((await run.line('unready'))['reason'], 'HTTP 503');
});

test('until its first success the app is probed often, whatever the period', async () => {
  let status = 500;
  await using target = await serveHttp((_request, response) => response.writeHead(status).end());
  await using run = start(['--probe-period', '1h', '--ready', `http://:${target.port}/`], SLEEP);
  await until('five questions', () => target.requests.length >= 5, run.stderr);
  status = 200;
  await run.line('ready');
});

test('readiness and liveness are not probed before the app has started, and startup not after', async () => {
  let status = 500;
  await using target = await serveHttp(({ url }, response) =>
    response.writeHead(url === '/startup' ? status : 200).end(),
  );
  const at = (name: string): string[] => [`--${name}`, `http://:${target.port}/${name}`];
  await using run = start([...at('startup'), ...at('ready'), ...at('live'), '--probe-period', '30ms'], SLEEP);
  await until('six questions', () => target.requests.length >= 6, run.stderr);
  assert.ok(target.requests.every(({ url }) => url === '/startup'));
  assert.equal((await run.get('/livez')).status, 200);
  assert.equal((await run.get('/readyz')).body, 'not started: HTTP 500\n');
  status = 200;
  await run.line('ready');
  const asked = (path: string): number => target.requests.filter(({ url }) => url === path).length;
  await until('more questions', () => asked('/ready') >= 5 && asked('/live') >= 5, run.stderr);
  const last = target.requests.findLastIndex(({ url }) => url === '/startup');
  const first = target.requests.findIndex(({ url }) => url !== '/startup');
  assert.ok(last < first);
});

test('a server that is slower than the period gets one probe at a time', async () => {
  let underWay = 0;
  let most = 0;
  await using target = await serveHttp((_request, response) => {
    underWay += 1;
    most = Math.max(most, underWay);
    setTimeout(() => {
      underWay -= 1;
      response.end('slow');
    }, 150);
  });
  await using run = start(
    ['--startup', 'none', '--ready', `http://:${target.port}/`, '--probe-period', '10ms', '--probe-timeout', '15s'],
    SLEEP,
  );
  await until('six questions', () => target.requests.length >= 6, run.stderr);
  assert.equal(most, 1);
});

test('liveness that fails is logged, and logged again when it recovers', async () => {
  let status = 200;
  await using target = await serveHttp((_request, response) => response.writeHead(status).end());
  await using run = start(
    ['--ready', 'none', '--live', `http://:${target.port}/`, '--probe-period', '30ms', '--failure-threshold', '2'],
    SLEEP,
  );
  await run.line('ready');
  status = 500;
  assert.equal((await run.line('unlive'))['reason'], 'HTTP 500');
  assert.deepEqual([(await run.get('/livez')).status, (await run.get('/healthz')).status], [503, 503]);
  assert.equal((await run.get('/readyz')).status, 200);
  status = 200;
  await run.line('live');
  assert.equal((await run.get('/livez')).status, 200);
});
