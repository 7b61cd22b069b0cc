import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { Agent, request } from 'node:https';
import { describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { selfSigned } from '../../rig/certificate.ts';
import { until } from '../../rig/deadline.ts';
import { noFfi } from '../../rig/ffi.ts';
import { needs } from '../../rig/needs.ts';
import { startPuppet } from '../../rig/puppet.ts';
import { type Supervised, start } from '../../rig/supervised.ts';
import { clientOf } from './client.ts';
import { HTTPS_APP } from './https-app.ts';

/** A limit that would outlast every deadline: a test that ends with it did not wait for it. */
const LONG = ['--shutdown-delay', '50ms', '--drain-connections', '1h'];
/** Longer than it takes until a connection without data counts as idle. */
const SHORT = ['--shutdown-delay', '50ms', '--drain-connections', '6s'];

/** A client that keeps its connection. */
type KeepingClient = Disposable & { readonly get: (path: string) => Promise<string> };

function httpsClient(port: number): KeepingClient {
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: false });
  return {
    get: (path) =>
      new Promise((resolve, reject) => {
        const call = request({ host: '127.0.0.1', port, path, agent }, async (response) => {
          resolve((await response.toArray()).join(''));
        });
        call.on('error', reject).end();
      }),
    [Symbol.dispose]: () => agent.destroy(),
  };
}

function http2Client(port: number): KeepingClient {
  const session = connectHttp2(`http://127.0.0.1:${port}`).on('error', () => {});
  return {
    async get(path) {
      return (await session.request({ ':path': path }).toArray()).join('');
    },
    [Symbol.dispose]: () => session.destroy(),
  };
}

async function busyIs(run: Supervised, busy: number): Promise<void> {
  await until(
    `${busy} busy connections in the drain`,
    async () => {
      const status = JSON.parse((await run.get('/statusz')).body);
      return status.state === 'draining' && status.shutdown.connections?.busy === busy;
    },
    () => run.stderr(),
  );
}

/** Milliseconds, longer than an answered connection takes to count as idle. */
const IDLE_AFTER = 4_000;

/**
 * Waits in the drain until a connection that is younger than those before it counts as idle: by then they would too, if they
 * were taken for answered.
 */
async function outlastYoungerConnection(run: Supervised, plainPort: number): Promise<void> {
  using younger = clientOf(plainPort);
  await younger.get('/', 'keep-alive');
  run.kill('SIGTERM');
  await setTimeout(IDLE_AFTER);
  await busyIs(run, 1);
}

async function waitEndedOf(run: Supervised): Promise<unknown> {
  await run.ended();
  return (await run.line('stopping'))['waitEnded'];
}

const PROTOCOLS = {
  'TLS 1.3': { serve: () => ({ tls: { ...selfSigned(), maxVersion: 'TLSv1.3' } as const }), client: httpsClient },
  'TLS 1.2': { serve: () => ({ tls: { ...selfSigned(), maxVersion: 'TLSv1.2' } as const }), client: httpsClient },
  'HTTP/2 without TLS': { serve: () => ({ isHttp2: true }), client: http2Client },
} as const;

describe('connections whose server sends before its first response', { skip: noFfi, concurrency: 3 }, () => {
  for (const [protocol, { serve, client }] of Object.entries(PROTOCOLS)) {
    test(`the first request over ${protocol} is waited for, its connection not after the answer`, async () => {
      await using run = await startPuppet(LONG);
      const port = await run.puppet.tell<number>({ do: 'serve', port: 0, ...serve() });
      const plainPort = await run.puppet.tell<number>({ do: 'serve', port: 0 });
      await run.line('ready');
      using fresh = client(port);
      const answer = fresh.get('/held');
      await run.puppet.holds(1);
      await outlastYoungerConnection(run, plainPort);
      assert.equal(await run.puppet.tell({ do: 'release' }), 1);
      assert.equal(await answer, 'released\n');
      assert.equal(await waitEndedOf(run), 'none busy');
    });

    test(`a kept connection with some answered requests over ${protocol} is not waited for`, async () => {
      await using run = await startPuppet(LONG);
      const port = await run.puppet.tell<number>({ do: 'serve', port: 0, ...serve() });
      await run.line('ready');
      using kept = client(port);
      for (let count = 0; count < 8; count += 1) assert.equal(await kept.get('/'), 'puppet\n');
      run.kill('SIGTERM');
      assert.equal(await waitEndedOf(run), 'none busy');
      assert.equal((await run.line('stopping'))['idleConnections'], 1);
    });
  }

  test('a TLS connection without a request is waited for until the limit, because it may have one', async () => {
    await using run = await startPuppet(SHORT);
    const port = await run.puppet.tell<number>({ do: 'serve', port: 0, ...PROTOCOLS['TLS 1.3'].serve() });
    await run.line('ready');
    const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false }).on('error', () => {});
    try {
      await once(socket, 'session');
      run.kill('SIGTERM');
      assert.notEqual(await waitEndedOf(run), 'none busy');
    } finally {
      socket.destroy();
    }
  });

  test('the first request to a Python server over TLS is waited for', { skip: needs('python3') }, async () => {
    const { key, cert } = selfSigned();
    await using run = start(LONG, ['python3', '-c', HTTPS_APP, key + cert]);
    const [port = 0, plainPort = 0] = (
      await until('both ports are served', () =>
        run
          .stdout()
          .match(/(\d+) (\d+)\n/)
          ?.slice(1),
      )
    ).map(Number);
    await run.line('ready');
    using fresh = httpsClient(port);
    using other = clientOf(plainPort);
    const answer = fresh.get('/held');
    await until('the request has come', () => run.stdout().includes('held\n'));
    await outlastYoungerConnection(run, plainPort);
    await other.get('/release');
    assert.equal(await answer, 'released\n');
    assert.equal(await waitEndedOf(run), 'none busy');
  });
});
