import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { start } from '../../rig/supervised.ts';
import { serveHttp } from '../../rig/target.ts';

const SLEEP = ['sleep', '300'];
/** With a timeout that a busy machine does not exceed. */
const BRISK = ['--startup', 'none', '--probe-period', '30ms', '--probe-timeout', '30s', '--failure-threshold', '1'];

test('an HTTP probe passes with 200 to 399 and fails with everything else', async () => {
  let status = 200;
  await using target = await serveHttp((_request, response) => response.writeHead(status).end());
  await using run = start([...BRISK, '--ready', `http://:${target.port}/health`], SLEEP);
  const readyTimes = (): number => run.events().filter((event) => event === 'ready').length;
  let expected = 1;
  await run.line('ready');
  for (const [good, bad] of [
    [204, 400],
    [226, 401],
    [300, 404],
    [304, 499],
    [399, 500],
    [200, 503],
  ] as const) {
    status = bad;
    await run.line('unready', ({ reason }) => reason === `HTTP ${bad}`);
    assert.deepEqual([(await run.get('/readyz')).status, (await run.get('/readyz')).body], [503, `HTTP ${bad}\n`]);
    status = good;
    expected += 1;
    await until(`ready again with ${good}`, () => readyTimes() === expected, run.stderr);
  }
});

test('an HTTP probe sends a GET on a connection of its own, with the user agent k8s-run-probe', async () => {
  await using target = await serveHttp((_request, response) => response.end('ok'));
  await using run = start(['--probe-period', '30ms', '--ready', `http://:${target.port}/health?deep=1`], SLEEP);
  await until('eight questions', () => target.requests.length >= 8, run.stderr);
  const { version } = await run.line('starting');
  const seen = target.requests.slice(0, 8);
  assert.deepEqual(
    seen.map(({ connection }) => connection),
    [1, 2, 3, 4, 5, 6, 7, 8],
  );
  for (const { method, url, headers } of seen) {
    assert.deepEqual(
      [method, url, headers['user-agent'], headers['host']],
      ['GET', '/health?deep=1', `k8s-run-probe/${version}`, `127.0.0.1:${target.port}`],
    );
  }
});

test('an HTTP probe without a host goes to 127.0.0.1, and to ::1 when nothing listens there', async (t) => {
  await using six = await serveHttp((_request, response) => response.end('six'), { host: '::1' }).catch(() => null);
  if (six === null) {
    t.skip('this machine has no IPv6 loopback');
    return;
  }
  await using run = start(['--probe-period', '30ms', '--ready', `http://:${six.port}/`], SLEEP);
  await run.line('ready');
  assert.equal(six.requests[0]?.headers['host'], `[::1]:${six.port}`);
  await using four = await serveHttp((_request, response) => response.end('four'), { port: six.port });
  await until('127.0.0.1 is preferred again', () => four.requests.length >= 2, run.stderr);
  const asked = six.requests.length;
  await until('it stays so', () => four.requests.length >= 5, run.stderr);
  assert.equal(six.requests.length, asked);
});
