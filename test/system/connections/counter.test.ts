import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type ServerOpts, type Socket } from 'node:net';
import { test } from 'node:test';
import {
  CLOSE_WAIT,
  ESTABLISHED,
  endpointKey,
  FIN_WAIT1,
  isBusy,
  isInFlight,
  isOpen,
  RESPONSE_GAP,
} from '../../../src/connections/connection.ts';
import { type ConnectionCounter, openConnectionCounter } from '../../../src/connections/counter.ts';
import { openSockDiag } from '../../../src/connections/sock-diag.ts';
import { filterFor } from '../../../src/connections/sock-diag-request.ts';
import type { ConnectionCount } from '../../../src/lifecycle/event.ts';
import { type Ffi, loadFfi } from '../../../src/linux/ffi.ts';
import { until } from '../../rig/deadline.ts';
import { noFfi } from '../../rig/ffi.ts';

process.removeAllListeners('warning');

const NONE: ReadonlySet<number> = new Set();
const SOURCES = { sock_diag: loadFfi(), '/proc': { missing: 'not used by this test' } } as const;

/** A server in this process, its clients, and a counter for which this process is the app. */
async function serverAt(host: string, source: keyof typeof SOURCES, options: ServerOpts = {}) {
  const accepted: Socket[] = [];
  const clients: Socket[] = [];
  const server: Server = createServer(options, (socket) => accepted.push(socket.on('error', () => {})));
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  const counter: ConnectionCounter = openConnectionCounter(process.pid, SOURCES[source]);
  return {
    port,
    accepted,
    counted: (own = NONE) => counted(counter.count(own, performance.now())),
    async connectTo(address: string): Promise<Socket> {
      const before = accepted.length;
      const socket = connect(port, address);
      clients.push(socket);
      await once(socket, 'connect');
      await until('it is accepted', () => accepted.length > before);
      return socket;
    },
    [Symbol.dispose]() {
      counter.close();
      for (const socket of [...clients, ...accepted]) socket.destroy();
      server.close();
    },
  };
}

function counted(count: ConnectionCount): Extract<ConnectionCount, { kind: 'counted' }> {
  assert.ok(count.kind === 'counted', JSON.stringify(count));
  return count;
}

/** The address that a server is bound to, and the one that its clients connect to. */
const ADDRESSES: readonly (readonly [bound: string, client: string])[] = [
  ['127.0.0.1', '127.0.0.1'],
  ['0.0.0.0', '127.0.0.1'],
  ['::1', '::1'],
  ['::', '::1'],
  ['::', '127.0.0.1'],
  ['::ffff:127.0.0.1', '127.0.0.1'],
];

for (const source of ['sock_diag', '/proc'] as const) {
  test(`connections are counted in every address form, by ${source}`, async () => {
    for (const [bound, address] of ADDRESSES) {
      using app = await serverAt(bound, source);
      assert.deepEqual([app.counted().open, app.counted().arrived], [0, 0], bound);
      const client = await app.connectTo(address);
      assert.deepEqual([app.counted().open, app.counted().arrived], [1, 0], `${address} at ${bound}`);
      await app.connectTo(address);
      const second = app.counted();
      assert.deepEqual([second.open, second.arrived], [2, 1], `${address} at ${bound}`);
      assert.equal(app.counted(new Set([client.localPort ?? 0])).open, 1, 'our own do not count');
      client.end();
      app.accepted[0]?.destroy();
      await until('one is gone', () => app.counted().open === 1);
    }
  });
}

test('a connection that was opened and closed between two counts counts as arrived', { skip: noFfi }, async () => {
  using app = await serverAt('127.0.0.1', 'sock_diag');
  assert.equal(app.counted().arrived, 0);
  const client = await app.connectTo('127.0.0.1');
  client.resetAndDestroy();
  await until('it counts as arrived', () => app.counted().arrived === 1);
  assert.deepEqual([app.counted().open, app.counted().arrived], [0, 0]);
});

test('a connection is busy while its request is not answered, and idle some time after the answer', {
  skip: noFfi,
}, async () => {
  using app = await serverAt('127.0.0.1', 'sock_diag');
  app.counted();
  const client = await app.connectTo('127.0.0.1');
  const [served] = app.accepted;
  served?.resume();
  client.write('a request');
  assert.equal(app.counted().busy, 1);
  served?.write('a response');
  client.resume();
  assert.equal(app.counted().busy, 1, 'the response may go on');
  await until('it is idle', () => app.counted().busy === 0);
  assert.equal(app.counted().open, 1);
});

test('a first request right after the handshake counts as unanswered', { skip: noFfi }, async () => {
  using app = await serverAt('127.0.0.1', 'sock_diag');
  const diag = openSockDiag(loadFfi() as Ffi);
  assert.ok(!('missing' in diag));
  const timesSent = (): readonly (number | undefined)[] =>
    diag.connections(new Map([[endpointKey(4, app.port), 'all']])).map(({ info }) => info?.sentAgo);
  try {
    const client = await app.connectTo('127.0.0.1');
    app.accepted[0]?.resume();
    client.write('a request');
    await until('it has come, and is unanswered', () => timesSent()[0] === Number.POSITIVE_INFINITY);
    app.accepted[0]?.write('a response');
    await until('it is answered', () => Number.isFinite(timesSent()[0]));
  } finally {
    diag.close();
  }
});

test('a client that reads more slowly than the app writes has a response in flight', { skip: noFfi }, async () => {
  using app = await serverAt('127.0.0.1', 'sock_diag');
  const diag = openSockDiag(loadFfi() as Ffi);
  assert.ok(!('missing' in diag));
  const inFlight = (): readonly boolean[] =>
    diag.connections(new Map([[endpointKey(4, app.port), 'all']])).map((connection) => isInFlight(connection));
  try {
    const client = await app.connectTo('127.0.0.1');
    client.pause();
    app.accepted[0]?.write(Buffer.alloc(2 ** 24));
    await until('the kernel has not sent all of it', () => inFlight()[0] === true);
    client.resume();
    await until('all is delivered', () => inFlight()[0] === false);
  } finally {
    diag.close();
  }
});

test('a closed client whose FIN is unread has no request in flight, one with unread bytes before it has', {
  skip: noFfi,
}, async () => {
  using app = await serverAt('127.0.0.1', 'sock_diag', { pauseOnConnect: true });
  const diag = openSockDiag(loadFfi() as Ffi);
  assert.ok(!('missing' in diag));
  const inFlight = (): readonly (boolean | undefined)[] =>
    diag
      .connections(new Map([[endpointKey(4, app.port), 'all']]))
      .filter(({ state }) => state === CLOSE_WAIT)
      .map((connection) =>
        isBusy({ ...connection, info: { sentAgo: RESPONSE_GAP, receivedAgo: RESPONSE_GAP, notSent: 0, volume: null } }),
      );
  try {
    const [silent, requesting] = [await app.connectTo('127.0.0.1'), await app.connectTo('127.0.0.1')];
    silent.end();
    await until('the FIN has come', () => inFlight().length === 1);
    assert.deepEqual(inFlight(), [false]);
    requesting.end('a request');
    await until('both FINs have come', () => inFlight().length === 2);
    assert.deepEqual([...inFlight()].sort(), [false, true]);
  } finally {
    diag.close();
  }
});

test('a connection is open, busy or in flight by the fields of the kernel', () => {
  const quiet = { sentAgo: RESPONSE_GAP, receivedAgo: RESPONSE_GAP + 5, notSent: 0, volume: null };
  const connection = {
    key: 1,
    state: ESTABLISHED,
    isLocal: false,
    localPort: 8,
    remotePort: 9,
    unread: 0,
    unacknowledged: 0,
    info: quiet,
  };
  assert.equal(isBusy(connection), false);
  assert.equal(isBusy({ ...connection, unread: 1 }), true, 'bytes that the app has not read');
  assert.equal(isBusy({ ...connection, unacknowledged: 1 }), true, 'bytes that the client has not acknowledged');
  assert.equal(
    isBusy({ ...connection, info: { ...quiet, sentAgo: 60_000, receivedAgo: 50_000 } }),
    true,
    'a request was last',
  );
  assert.equal(
    isBusy({ ...connection, info: { ...quiet, sentAgo: RESPONSE_GAP - 1, receivedAgo: 50_000 } }),
    true,
    'just now',
  );
  assert.equal(isBusy({ ...connection, info: null }), true, 'unknown');
  assert.equal(isInFlight({ ...connection, unread: 1 }), true, 'a request that the app has not read');
  assert.equal(
    isInFlight({ ...connection, info: { ...quiet, sentAgo: 9, receivedAgo: 5 } }),
    true,
    'it is not answered',
  );
  assert.equal(
    isInFlight({ ...connection, unacknowledged: 9, info: { ...quiet, sentAgo: 5, receivedAgo: 9 } }),
    false,
    'answered',
  );
  assert.equal(
    isInFlight({ ...connection, unacknowledged: 9, info: { ...quiet, notSent: 9 } }),
    true,
    'the client is slow',
  );
  const left = { ...connection, state: CLOSE_WAIT };
  assert.equal(isBusy({ ...left, unread: 1 }), false, 'only the FIN is unread');
  assert.equal(isBusy({ ...left, unread: 2 }), true, 'a byte before the FIN');
  assert.equal(isOpen({ ...connection, state: CLOSE_WAIT }), true, 'the client may still read');
  assert.equal(isOpen({ ...connection, state: FIN_WAIT1, unacknowledged: 1 }), false, 'only the FIN is unacknowledged');
  assert.equal(
    isOpen({ ...connection, state: FIN_WAIT1, unacknowledged: 2 }),
    true,
    'the end of the response is unacknowledged',
  );
});

test('the sock_diag filter passes the listed ports and no other', () => {
  for (const ports of [[80], [80, 443], [1, 2, 3, 65_535]]) {
    const filter = filterFor(ports);
    for (const port of [0, 1, 2, 3, 4, 79, 80, 81, 443, 65_534, 65_535]) {
      assert.equal(passes(filter, port), ports.includes(port), `${port} of ${ports}`);
    }
  }
});

/** inet_diag_bc_run of net/ipv4/inet_diag.c, for the three operations that the filter uses. */
function passes(filter: Buffer, port: number): boolean {
  let left = filter.length;
  for (let at = 0; left > 0; ) {
    const [code = 0, yes = 0, no] = [filter[at], filter[at + 1], filter.readUInt16LE(at + 2)];
    const operand = code === 1 ? 0 : filter.readUInt16LE(at + 6);
    const holds = code === 2 ? port >= operand : code === 3 ? port <= operand : false;
    at += holds ? yes : no;
    left -= holds ? yes : no;
  }
  return left === 0;
}
