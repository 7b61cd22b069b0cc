import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { start } from '../../rig/supervised.ts';
import { serveHttp } from '../../rig/target.ts';

const SLEEP = ['sleep', '300'];

function redirect(response: ServerResponse, location: string, status = 302): void {
  response.writeHead(status, { location }).end();
}

/** `/hop/3` sends on to `/hop/2` and so on; `/hop/0` answers. */
function hop(url: string, response: ServerResponse, last = 200): void {
  const left = Number(url.split('/').at(-1));
  if (left > 0) redirect(response, `/hop/${left - 1}`);
  else response.writeHead(last).end();
}

test('an HTTP probe follows ten redirects on the same host, and the last answer counts', async () => {
  await using target = await serveHttp(({ url = '' }, response) => hop(url, response));
  await using run = start(
    ['--probe-period', '60s', '--probe-timeout', '30s', '--ready', `http://:${target.port}/hop/10`],
    SLEEP,
  );
  await run.line('started');
  assert.deepEqual(
    target.requests.slice(0, 11).map(({ url }) => url),
    Array.from({ length: 11 }, (_, index) => `/hop/${10 - index}`),
  );
});

test('an HTTP probe fails at an eleventh redirect, and in a circle of redirects', async () => {
  await using target = await serveHttp(({ url = '' }, response) =>
    url === '/circle' ? redirect(response, '/circle') : hop(url, response),
  );
  for (const path of ['/hop/11', '/circle']) {
    await using run = start(['--ready', `http://:${target.port}${path}`], SLEEP);
    await until('the reason', async () => (await run.get('/startupz')).body === 'more than 10 redirects\n', run.stderr);
  }
});

test('an HTTP probe fails with what a redirect leads to', async () => {
  await using target = await serveHttp(({ url = '' }, response) => hop(url, response, 500));
  await using run = start(['--ready', `http://:${target.port}/hop/2`], SLEEP);
  await until('the reason', async () => (await run.get('/startupz')).body === 'HTTP 500\n', run.stderr);
});

test('an HTTP probe follows every kind of redirect, to another port of the same host too', async () => {
  await using other = await serveHttp((_request, response) => response.end());
  for (const status of [301, 302, 303, 307, 308]) {
    await using target = await serveHttp((_request, response) =>
      redirect(response, `http://127.0.0.1:${other.port}/${status}`, status),
    );
    await using run = start(['--ready', `http://:${target.port}/`], SLEEP);
    await run.line('started');
    assert.equal(other.requests.findLast(({ url }) => url === `/${status}`)?.method, 'GET');
  }
});

test('an HTTP probe that is redirected to another host passes, and does not connect to it', async () => {
  await using other = await serveHttp((_request, response) => response.writeHead(500).end());
  await using target = await serveHttp((_request, response) => redirect(response, `http://localhost:${other.port}/`));
  await using run = start(['--probe-period', '30ms', '--ready', `http://:${target.port}/`], SLEEP);
  await run.line('ready');
  await until('a few more questions', () => target.requests.length >= 6, run.stderr);
  assert.equal(other.connections(), 0);
});

test('an HTTP probe passes with a redirect without Location, and fails with an invalid one', async () => {
  let location = '';
  await using target = await serveHttp((_request, response) =>
    location === '' ? response.writeHead(302).end() : redirect(response, location),
  );
  await using run = start(['--startup', 'none', '--probe-period', '30ms', '--ready', `http://:${target.port}/`], SLEEP);
  await run.line('ready');
  location = 'http://[nonsense/';
  await run.line('unready', ({ reason }) => reason === 'redirected to an invalid URL');
});
