import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { EXAMPLES, startExample } from '../../rig/example.ts';
import { freePort } from '../../rig/free-port.ts';
import type { Supervised } from '../../rig/supervised.ts';

const STANDALONE = join(EXAMPLES, 'nextjs/.next/standalone');
const NO_NEXT = existsSync(join(STANDALONE, 'server.js'))
  ? false
  : 'npm ci --prefix examples/nextjs and npm run build --prefix examples/nextjs were not run';
/** Long enough for a busy machine to do what each test does meanwhile. */
const OPTIONS = ['--node-drain', '--shutdown-delay', '4s'];

type Answer = { readonly status: number | undefined; readonly connection: string | undefined };

/** A request on a connection that is kept, as a load balancer sends it. Rejects when it is cut. */
function request(port: number, path: string, agent: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, agent }, (response) => {
      const { statusCode: status, headers } = response;
      response.resume();
      response.on('error', reject).on('end', () => resolve({ status, connection: headers.connection }));
    }).on('error', reject);
  });
}

/** The preload hears of the shutdown through a socket of its own, so the first answers may still be without. */
async function untilClosing(run: Supervised, port: number, agent: Agent): Promise<void> {
  await until(
    'an answer with Connection: close',
    async () => {
      const { status, connection } = await request(port, '/', agent);
      assert.equal(status, 200);
      return connection === 'close';
    },
    run.stderr,
  );
  assert.ok(!run.events().includes('stopping'), run.stderr());
}

test('--node-drain reaches the server behind npm start', async () => {
  const port = await freePort();
  await using run = startExample('npm-start', OPTIONS, ['npm', 'start'], port);
  await run.line('ready');
  const agent = new Agent({ keepAlive: true });
  try {
    assert.equal((await request(port, '/', agent)).connection, 'keep-alive');
    run.kill('SIGTERM');
    await run.line('terminating');
    await untilClosing(run, port, agent);
  } finally {
    agent.destroy();
  }
});

test('--node-drain in Next.js: a client on kept-alive connections loses nothing, a slow request included', {
  skip: NO_NEXT,
}, async () => {
  const port = await freePort();
  // Longer than the test has: Next.js closes no idle connection by itself.
  const server = ['env', 'HOSTNAME=127.0.0.1', 'KEEP_ALIVE_TIMEOUT=600000', 'node', 'server.js'];
  await using run = startExample(STANDALONE, [...OPTIONS, '--remap-exit', '143:0'], server, port);
  await run.line('ready');
  const [busy, idle] = [new Agent({ keepAlive: true }), new Agent({ keepAlive: true })];
  try {
    assert.equal((await request(port, '/', busy)).connection, 'keep-alive');
    await request(port, '/', idle);
    const [kept] = Object.values(idle.freeSockets).flat();
    assert.ok(kept, 'the connection is kept');
    const slow = request(port, '/slow', busy);
    await until('the request is in flight', () => run.stdout().includes('busy'), run.stderr);
    run.kill('SIGTERM');
    await run.line('terminating');
    await untilClosing(run, port, busy);
    assert.equal((await slow).status, 200);
    await until('the idle connection is closed', () => kept.destroyed, run.stderr);
    assert.ok(!run.events().includes('stopping'), run.stderr());
    assert.deepEqual(await run.ended(), { code: 0, signal: null });
  } finally {
    busy.destroy();
    idle.destroy();
  }
});
