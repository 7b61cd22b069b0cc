import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { test } from 'node:test';
import { openBalancer } from '../../../src/rehearse/balancer.ts';
import type { Endpoint } from '../../../src/rehearse/routes.ts';
import { soon } from '../../rig/deadline.ts';
import { freePort } from '../../rig/free-port.ts';

type Backend = AsyncDisposable & { readonly endpoint: Endpoint; readonly accepted: readonly Socket[] };

/** A server that answers each piece with its name in front. */
async function backend(name: string): Promise<Backend> {
  const accepted: Socket[] = [];
  const server: Server = createServer((socket) => {
    accepted.push(socket);
    socket.on('error', () => {}).on('data', (part) => socket.write(`${name} ${part}`));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return {
    accepted,
    endpoint: { host: '127.0.0.1', port: address.port },
    async [Symbol.asyncDispose]() {
      for (const socket of accepted) socket.destroy();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function say(socket: Socket, text: string): Promise<string> {
  const answer = once(socket, 'data');
  socket.write(text);
  const [part] = await soon('the answer', answer);
  return String(part);
}

/** How a connection ends: the code of its error, or null. */
function endOf(socket: Socket): Promise<string | null> {
  return soon(
    'the end of the connection',
    new Promise((resolve) => {
      let code: string | null = null;
      socket.on('error', (error: NodeJS.ErrnoException) => {
        code = error.code ?? error.message;
      });
      socket.once('close', () => resolve(code));
      socket.resume();
    }),
  );
}

test('an open connection stays with its endpoint, and a new one goes where the routes say', async () => {
  await using first = await backend('first');
  await using second = await backend('second');
  let to = first.endpoint;
  await using balancer = await openBalancer(() => to);
  const kept = connect(balancer.port, '127.0.0.1');
  assert.equal(await say(kept, 'a'), 'first a');
  to = second.endpoint;
  const fresh = connect(balancer.port, '127.0.0.1');
  assert.equal(await say(fresh, 'b'), 'second b');
  assert.equal(await say(kept, 'c'), 'first c');
  kept.destroy();
  fresh.destroy();
});

test('a connection to a dead endpoint, or to none, ends at once and without a byte', async () => {
  const dead: Endpoint = { host: '127.0.0.1', port: await freePort() };
  for (const to of [dead, undefined]) {
    await using balancer = await openBalancer(() => to);
    const socket = connect(balancer.port, '127.0.0.1');
    let bytes = 0;
    socket.on('data', (part) => {
      bytes += part.length;
    });
    const end = endOf(socket);
    socket.write('x');
    assert.ok(['ECONNRESET', 'EPIPE', null].includes(await end));
    assert.equal(bytes, 0);
  }
});

test('a connection that the pod ends, orderly or with a reset, ends for the client, too', async () => {
  await using pod = await backend('pod');
  await using balancer = await openBalancer(() => pod.endpoint);
  for (const end of ['end', 'resetAndDestroy'] as const) {
    const socket = connect(balancer.port, '127.0.0.1');
    await say(socket, 'x');
    const ended = endOf(socket);
    pod.accepted.at(-1)?.[end]();
    await ended;
  }
});

test('closing the balancer ends the open connections, even if no client reads', async () => {
  await using pod = await backend('pod');
  const balancer = await openBalancer(() => pod.endpoint);
  const socket = connect(balancer.port, '127.0.0.1');
  await say(socket, 'x');
  const ended = endOf(socket);
  await soon('the closing', Promise.resolve(balancer[Symbol.asyncDispose]()));
  await ended;
});
