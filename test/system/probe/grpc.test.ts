import assert from 'node:assert/strict';
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import type { ProbeAnswer } from '../../../src/probe/answer.ts';
import { grpcProbe } from '../../../src/probe/grpc.ts';
import { soon, until } from '../../rig/deadline.ts';
import { serveGrpc, serveHttp2 } from '../../rig/grpc.ts';
import { start } from '../../rig/supervised.ts';
import { serveTcp } from '../../rig/target.ts';

const SLEEP = ['sleep', '300'];

function askAt(port: number, service = '', cancelled = new AbortController().signal): Promise<ProbeAnswer> {
  return soon('the answer', grpcProbe({ host: 'loopback', port, service }, 'k8s-run-probe/1', cancelled));
}
const reasonOf = (answer: ProbeAnswer): string => ('reason' in answer ? answer.reason : answer.kind);

test("a gRPC probe of the gRPC project's server follows SERVING and NOT_SERVING", async () => {
  await using server = await serveGrpc({ '': 'NOT_SERVING' });
  await using run = start(
    ['--ready', `grpc://:${server.port}`, '--probe-period', '30ms', '--failure-threshold', '2'],
    SLEEP,
  );
  await until(
    'the reason',
    async () => (await run.get('/startupz')).body === 'the health service answers NOT_SERVING\n',
    run.stderr,
  );
  server.setStatus('', 'SERVING');
  await run.line('ready');
  server.setStatus('', 'NOT_SERVING');
  assert.equal((await run.line('unready'))['reason'], 'the health service answers NOT_SERVING');
  server.setStatus('', 'SERVING');
  await until('ready again', () => run.events().filter((event) => event === 'ready').length === 2, run.stderr);
});

test('a gRPC probe of a named service gets its own status, and fails for a service that is unknown', async () => {
  await using server = await serveGrpc({ '': 'NOT_SERVING', 'shop.v1.Orders': 'SERVING', 'shop.v1.Old': 'UNKNOWN' });
  const long = `a.${'x'.repeat(300)}`;
  server.setStatus(long, 'SERVING');
  assert.deepEqual(await askAt(server.port, 'shop.v1.Orders'), { kind: 'passed' });
  assert.deepEqual(await askAt(server.port, long), { kind: 'passed' });
  assert.equal(reasonOf(await askAt(server.port)), 'the health service answers NOT_SERVING');
  assert.equal(reasonOf(await askAt(server.port, 'shop.v1.Old')), 'the health service answers UNKNOWN');
  assert.equal(
    reasonOf(await askAt(server.port, 'shop.v1.Nope')),
    `127.0.0.1:${server.port} has no service "shop.v1.Nope"`,
  );
});

test('a gRPC probe of a server without the health service fails with a reason', async () => {
  await using server = await serveGrpc(null);
  assert.equal(reasonOf(await askAt(server.port)), `127.0.0.1:${server.port} does not implement grpc.health.v1.Health`);
});

test('a gRPC probe without a host goes to 127.0.0.1, then to ::1', async () => {
  await using server = await serveGrpc({ '': 'SERVING' }, '[::1]:0');
  assert.deepEqual(await askAt(server.port), { kind: 'passed' });
});

test('a gRPC probe fails where nothing listens, where nothing answers, and when it is cancelled', async () => {
  const gone = await serveTcp(() => {});
  await gone[Symbol.asyncDispose]();
  assert.match(reasonOf(await askAt(gone.port)), /^nothing listens on /);

  const accepted = Promise.withResolvers<Socket>();
  await using silent = await serveTcp((socket) => accepted.resolve(socket));
  const controller = new AbortController();
  const answer = askAt(silent.port, '', controller.signal);
  const socket = await accepted.promise;
  const hungUp = new Promise((resolve) => socket.resume().once('close', resolve));
  controller.abort();
  assert.equal(reasonOf(await answer), `127.0.0.1:${silent.port} did not answer`);
  await soon('the connection is closed', hungUp);
  const before = new AbortController();
  before.abort();
  assert.match(reasonOf(await askAt(silent.port, '', before.signal)), /did not answer$/);
});

/** What something else than gRPC may do with the connection. */
const STRANGERS: Readonly<Record<string, readonly [(socket: Socket) => void, RegExp]>> = {
  'an HTTP/1.1 server': [
    (socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')),
    /does not speak gRPC$/,
  ],
  'a server that greets in words': [
    (socket) => socket.write('220 mail.example.org ESMTP ready\r\n'),
    /does not speak gRPC$/,
  ],
  'a server that hangs up': [
    (socket) => socket.once('data', () => socket.end()),
    /closed the connection|does not speak/,
  ],
  'a server that resets': [(socket) => socket.once('data', () => socket.resetAndDestroy()), /reset the connection$/],
};

for (const [who, [greet, reason]] of Object.entries(STRANGERS)) {
  test(`a gRPC probe of ${who} fails with a reason`, async () => {
    await using target = await serveTcp(greet);
    assert.match(reasonOf(await askAt(target.port)), reason);
  });
}

const HEAD = { ':status': 200, 'content-type': 'application/grpc' };
const message = (...bytes: number[]): Buffer => Buffer.from([0, 0, 0, 0, bytes.length, ...bytes]);

function replied(body: Buffer, trailers: Record<string, string> = { 'grpc-status': '0' }) {
  return (stream: ServerHttp2Stream): void => {
    stream.respond(HEAD, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    stream.end(body);
  };
}

/** Answers in HTTP/2, right and wrong; null passes. */
const ANSWERS: Readonly<Record<string, readonly [(stream: ServerHttp2Stream) => void, RegExp | null]>> = {
  SERVING: [replied(message(8, 1)), null],
  'SERVING, and a field of a later version': [replied(message(8, 1, 16, 7)), null],
  'an empty message, whose status is 0': [replied(message()), /the health service answers UNKNOWN$/],
  SERVICE_UNKNOWN: [replied(message(8, 3)), /the health service answers SERVICE_UNKNOWN$/],
  'a status of a later version': [replied(message(8, 9)), /the health service answers status 9$/],
  'no message at all': [replied(Buffer.alloc(0)), /did not send a HealthCheckResponse$/],
  'a compressed message': [replied(Buffer.from([1, 0, 0, 0, 2, 8, 1])), /did not send a HealthCheckResponse$/],
  'half a message': [replied(Buffer.from([0, 0, 0, 0, 9, 8])), /did not send a HealthCheckResponse$/],
  'other protobuf': [replied(message(18, 1)), /did not send a HealthCheckResponse$/],
  UNAVAILABLE: [replied(Buffer.alloc(0), { 'grpc-status': '14', 'grpc-message': 'no' }), /^gRPC UNAVAILABLE$/],
  'a code of a later version': [replied(Buffer.alloc(0), { 'grpc-status': '77' }), /^gRPC code 77$/],
  'only trailers': [
    (stream) => stream.respond({ ...HEAD, 'grpc-status': '12' }, { endStream: true }),
    /does not implement grpc\.health\.v1/,
  ],
  'no status': [replied(message(8, 1), {}), /does not speak gRPC$/],
  'HTTP 404': [(stream) => stream.respond({ ':status': 404 }, { endStream: true }), /^HTTP 404/],
  'a body without an end': [
    (stream) => {
      stream.respond(HEAD);
      stream.write(Buffer.alloc(64 * 1024));
    },
    /does not speak gRPC$/,
  ],
  'a reset': [(stream) => stream.close(2), /does not speak gRPC$/],
  'a connection that is torn down': [
    (stream) => stream.session?.destroy(),
    /closed the connection|reset|does not speak/,
  ],
};

for (const [what, [answer, reason]] of Object.entries(ANSWERS)) {
  test(`a gRPC probe that gets ${what} ${reason === null ? 'passes' : 'fails with a reason'}`, async () => {
    let asked: IncomingHttpHeaders = {};
    await using target = await serveHttp2((stream, headers) => {
      asked = headers;
      stream.resume();
      answer(stream);
    });
    const told = await askAt(target.port);
    if (reason === null) assert.deepEqual(told, { kind: 'passed' });
    else assert.match(reasonOf(told), reason);
    assert.equal(asked['user-agent'], 'k8s-run-probe/1');
    assert.equal(asked[':path'], '/grpc.health.v1.Health/Check');
  });
}
