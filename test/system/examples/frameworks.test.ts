import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { EXAMPLES, hello, nothingLeft, SHORT_DELAY, startExample } from '../../rig/example.ts';
import { freePort } from '../../rig/free-port.ts';
import { ask, type Supervised } from '../../rig/supervised.ts';

test('express: a request in flight is answered, although the app dies of the signal', {
  skip: existsSync(join(EXAMPLES, 'express/node_modules')) ? false : 'npm ci --prefix examples/express was not run',
}, async () => {
  const port = await freePort();
  const options = ['--shutdown-delay', '200ms', '--drain-connections', '10s'];
  await using run = startExample('express', options, ['node', 'server.js'], port);
  await run.line('ready');
  await hello(port);
  const slow = ask(`http://127.0.0.1:${port}/slow`);
  await until('the request is in flight', () => run.stdout().includes('busy'), run.stderr);
  run.kill('SIGTERM');
  assert.equal((await slow).status, 200);
  assert.deepEqual(await run.ended(), { code: 143, signal: null });
});

const STANDALONE = join(EXAMPLES, 'nextjs/.next/standalone');
const NO_NEXT = existsSync(join(STANDALONE, 'server.js'))
  ? false
  : 'npm ci --prefix examples/nextjs and npm run build --prefix examples/nextjs were not run';
const SERVER = ['env', 'HOSTNAME=127.0.0.1', 'node', 'server.js'];

async function ready(run: Supervised, port: number): Promise<number> {
  await run.line('ready');
  const page = await ask(`http://127.0.0.1:${port}/`);
  assert.equal(page.status, 200);
  assert.match(page.body, /<p>hello<\/p>/);
  return run.appPid();
}

test('nextjs: the app finishes requests in flight by itself, and its 143 is made 0', { skip: NO_NEXT }, async () => {
  const port = await freePort();
  await using run = startExample(STANDALONE, [...SHORT_DELAY, '--remap-exit', '143:0'], SERVER, port);
  const session = await ready(run, port);
  const slow = ask(`http://127.0.0.1:${port}/slow`);
  await until('the request is in flight', () => run.stdout().includes('busy'), run.stderr);
  run.kill('SIGTERM');
  await run.line('stopping');
  assert.equal((await slow).status, 200);
  assert.deepEqual(await run.ended(), { code: 0, signal: null });
  await nothingLeft(session);
});

test('nextjs without its handler: a request in flight is waited for, and the idle connection that it leaves is not', {
  skip: NO_NEXT,
}, async () => {
  const port = await freePort();
  // Longer than the test has, if it were waited for.
  const options = ['--shutdown-delay', '200ms', '--drain-connections', '300s', '--remap-exit', '143:0'];
  const server = ['env', 'NEXT_MANUAL_SIG_HANDLE=1', 'KEEP_ALIVE_TIMEOUT=300000', ...SERVER];
  const agent = new Agent({ keepAlive: true });
  try {
    await using run = startExample(STANDALONE, options, server, port);
    const session = await ready(run, port);
    const slow = new Promise<number | undefined>((resolve, reject) => {
      const call = get({ host: '127.0.0.1', port, path: '/slow', agent }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode));
      });
      call.on('error', reject);
    });
    await until('the request is in flight', () => run.stdout().includes('busy'), run.stderr);
    run.kill('SIGTERM');
    assert.equal(await slow, 200);
    assert.deepEqual(await run.ended(), { code: 0, signal: null });
    await nothingLeft(session);
  } finally {
    agent.destroy();
  }
});
