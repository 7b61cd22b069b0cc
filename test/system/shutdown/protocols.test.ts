import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type ClientRequest, type IncomingMessage, Agent as PlainAgent, request as requestPlain } from 'node:http';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { request as requestTls, Agent as TlsAgent } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { Client, credentials } from '@grpc/grpc-js';
import { WebSocket } from 'ws';
import { selfSigned } from '../../rig/certificate.ts';
import { soon, until } from '../../rig/deadline.ts';
import { noFfi } from '../../rig/ffi.ts';
import { type Supervised, start } from '../../rig/supervised.ts';
import { PROTOCOL_CASES, type ProtocolCase } from './protocol-cases.ts';

const APP = new URL('./protocols-app.js', import.meta.url).pathname;

type Served = AsyncDisposable & {
  readonly run: Supervised;
  readonly port: number;
  /** The number of held requests; with `/release` they are answered. */
  readonly control: (path: '/held' | '/release') => Promise<number>;
  /** Ends something of the test when the app is disposed of. */
  readonly defer: (end: () => void) => void;
};

/** An app with default options. */
async function serve(served: object): Promise<Served> {
  const folder = await mkdtemp(join(tmpdir(), 'protocols-'));
  const socketPath = join(folder, 'control');
  const ends: (() => void)[] = [];
  const run = start([], [process.execPath, APP, socketPath, JSON.stringify(served)]);
  const dispose = async (): Promise<void> => {
    for (const end of ends) end();
    await run[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const port = await until('the app serves', () => /port (\d+)\n/.exec(run.stdout())?.[1], run.stderr);
    await run.line('ready');
    return {
      run,
      port: Number(port),
      control: async (path) => Number(await bodyOf(requestPlain({ socketPath, path, agent: false }))),
      defer: (end) => ends.push(end),
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** What a client does. It resolves when its connection is in the state of the case; `answer` is what is in flight by then. */
type Begun = {
  readonly answer?: Promise<string>;
  readonly finish?: () => void;
  /** A response came too late for the case. */
  readonly isSlow?: boolean;
};
type Begin = (app: Served) => Promise<Begun>;
type Scenario = { readonly serve: () => object; readonly begin: Begin; readonly expected?: string | RegExp };

function bodyOf(call: ClientRequest): Promise<string> {
  return new Promise((resolve, reject) => {
    call.on('error', reject).on('response', async (response: IncomingMessage) => {
      try {
        resolve((await response.toArray()).join(''));
      } catch (error) {
        reject(error);
      }
    });
    call.end();
  });
}

const heldIs = (app: Served): Promise<unknown> => until('it is held', async () => (await app.control('/held')) === 1);

/** A client that keeps its connection. */
type Get = (path: string, headers?: Record<string, string>) => Promise<string>;

function http1(isTls: boolean, { port, defer }: Served): Get {
  const agent = isTls ? new TlsAgent({ keepAlive: true }) : new PlainAgent({ keepAlive: true });
  defer(() => agent.destroy());
  const request = isTls ? requestTls : requestPlain;
  return (path, headers = {}) =>
    bodyOf(request({ host: '127.0.0.1', port, path, agent, headers, rejectUnauthorized: false }));
}

function http2Session(isTls: boolean, { port, defer }: Served): ClientHttp2Session {
  const session = connectHttp2(`${isTls ? 'https' : 'http'}://127.0.0.1:${port}`, { rejectUnauthorized: false });
  defer(() => session.destroy());
  return session.on('error', () => {});
}

function http2(isTls: boolean, app: Served): Get {
  const session = http2Session(isTls, app);
  return async (path) => (await session.request({ ':path': path }).toArray()).join('');
}

type Client_ = (app: Served) => Get;

/** The answer must not be taken for lost before it is awaited. */
function held(answer: Promise<string>): Promise<string> {
  answer.catch(() => {});
  return answer;
}

const first =
  (client: Client_, path = '/held'): Begin =>
  async (app) => {
    const answer = held(client(app)(path));
    await heldIs(app);
    return { answer };
  };
const later =
  (client: Client_, thinks = false): Begin =>
  async (app) => {
    const get = client(app);
    assert.equal(await get('/'), 'answered\n');
    if (thinks) await setTimeout(THINKS);
    const answer = held(get('/held'));
    await heldIs(app);
    return { answer };
  };
/** Milliseconds, longer than a tick of the kernel's clock. */
const THINKS = 20;
/** So few responses that it counts how quick they were, and how many milliseconds that is with certainty. */
const FEW = 3;
const QUICK = 100;
const idleAfter =
  (client: Client_, count: number, headers: Record<string, string> = {}): Begin =>
  async (app) => {
    const get = client(app);
    let slowest = 0;
    for (let done = 0; done < count; done += 1) {
      const asked = performance.now();
      assert.equal(await get('/', headers), 'answered\n');
      slowest = Math.max(slowest, performance.now() - asked);
    }
    return { isSlow: count <= FEW && slowest > QUICK };
  };

function pinging(session: ClientHttp2Session, { defer }: Served): Promise<unknown> {
  const ping = (): boolean => session.destroyed || session.ping(() => {});
  const timer = setInterval(ping, PING_EVERY);
  defer(() => clearInterval(timer));
  return once(session, 'ping').catch(() => {});
}

const raw = (bytes: Buffer): Buffer => bytes;
/** Milliseconds: less than a connection takes to count as idle, and less than the delay. */
const PING_EVERY = 2_500;
const PINGS = { 'grpc.keepalive_time_ms': PING_EVERY, 'grpc.keepalive_permit_without_calls': 1 };

function grpc({ port, defer }: Served, options: object = {}) {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
    ...options,
    'grpc.enable_retries': 0,
  });
  defer(() => client.close());
  return {
    call: (message: string) =>
      new Promise<string>((resolve, reject) => {
        client.makeUnaryRequest('/test.Test/Unary', raw, raw, Buffer.from(message), (error, value) =>
          error === null ? resolve(String(value)) : reject(error),
        );
      }),
    async events(message: string): Promise<string> {
      const stream = client.makeServerStreamRequest('/test.Test/Events', raw, raw, Buffer.from(message));
      return (await stream.toArray()).join('');
    },
    upload() {
      const { promise: answer, resolve, reject } = Promise.withResolvers<string>();
      const stream = client.makeClientStreamRequest('/test.Test/Upload', raw, raw, (error, value) =>
        error === null ? resolve(String(value)) : reject(error),
      );
      return { stream, answer };
    },
  };
}

async function webSocket({ port, defer }: Served) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`);
  defer(() => socket.terminate());
  await once(socket, 'open');
  socket.on('error', () => {});
  const ask = async (message: string): Promise<string> => {
    socket.send(message);
    const [reply] = (await once(socket, 'message')) as [Buffer];
    return String(reply);
  };
  return { socket, ask };
}

const plain: Client_ = (app) => http1(false, app);
const secure: Client_ = (app) => http1(true, app);
const h2c: Client_ = (app) => http2(false, app);
const h2: Client_ = (app) => http2(true, app);
const tls = (maxVersion: 'TLSv1.2' | 'TLSv1.3') => ({ ...selfSigned(), maxVersion });
const STREAMED = /^(one\n)+last\n$/;

const usual = (
  name: string,
  served: () => object,
  client: Client_,
  thinks = false,
): Readonly<Record<string, Scenario>> => ({
  [`${name}: the first request is in flight`]: { serve: served, begin: first(client) },
  [`${name}: a later request is in flight`]: { serve: served, begin: later(client, thinks) },
  [`${name}: idle after eight responses`]: { serve: served, begin: idleAfter(client, 8) },
  [`${name}: idle after one quick response`]: { serve: served, begin: idleAfter(client, 1) },
});

const HTTP1 = (): object => ({ protocol: 'http' });
const H2C = (): object => ({ protocol: 'h2' });
const GRPC = (): object => ({ protocol: 'grpc' });
const WS = (): object => ({ protocol: 'ws' });

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'HTTP/1.1: the first request is in flight': { serve: HTTP1, begin: first(plain) },
  'HTTP/1.1: a later request is in flight': { serve: HTTP1, begin: later(plain) },
  'HTTP/1.1: idle after one quick response': { serve: HTTP1, begin: idleAfter(plain, 1) },
  'HTTP/1.1: idle after three quick responses to longer requests': {
    serve: HTTP1,
    begin: idleAfter(plain, 3, { cookie: 'a'.repeat(100) }),
  },
  ...usual('HTTP/1.1 over TLS 1.2', () => ({ protocol: 'http', tls: tls('TLSv1.2') }), secure),
  ...usual('HTTP/1.1 over TLS 1.3', () => ({ protocol: 'http', tls: tls('TLSv1.3') }), secure),
  ...usual('HTTP/2 over TLS', () => ({ protocol: 'h2', tls: tls('TLSv1.3') }), h2, true),
  ...usual('HTTP/2 without TLS', H2C, h2c, true),
  'HTTP/2 without TLS: open, without a request': {
    serve: H2C,
    async begin(app) {
      await once(http2Session(false, app), 'localSettings');
      return {};
    },
  },
  'HTTP/2 over TLS: idle, with pings of the client': {
    serve: () => ({ protocol: 'h2', tls: tls('TLSv1.3') }),
    async begin(app) {
      const session = http2Session(true, app);
      for (let done = 0; done < 8; done += 1) await session.request({ ':path': '/' }).toArray();
      void pinging(session, app);
      return {};
    },
  },
  'gRPC: the first call is in flight': { serve: GRPC, begin: first((app) => () => grpc(app).call('held')) },
  'gRPC: a later call is in flight': {
    serve: GRPC,
    begin: later((app) => {
      const { call } = grpc(app);
      return (path) => call(path.slice(1));
    }, true),
  },
  'gRPC: idle after one call': { serve: GRPC, begin: idleAfter((app) => grpc(app).call, 1) },
  'gRPC: idle, with pings of the client': { serve: GRPC, begin: idleAfter((app) => grpc(app, PINGS).call, 1) },
  'gRPC: a call is in flight, with pings of the client': {
    serve: GRPC,
    begin: later((app) => {
      const { call } = grpc(app, PINGS);
      return (path) => call(path.slice(1));
    }, true),
  },
  'gRPC stream: a message each half second': {
    serve: GRPC,
    begin: first((app) => () => grpc(app).events('often')),
    expected: STREAMED,
  },
  'gRPC stream: a message, then silence': { serve: GRPC, begin: first((app) => () => grpc(app).events('silent')) },
  'gRPC stream: the client sends, and has no answer yet': {
    serve: GRPC,
    expected: '8\n',
    async begin(app) {
      const { stream, answer } = grpc(app).upload();
      stream.write(Buffer.from('half'));
      await heldIs(app);
      const finish = (): void => {
        stream.write(Buffer.from('half'));
        stream.end();
      };
      return { answer: held(answer), finish };
    },
  },
  'WebSocket: a message has no reply yet': {
    serve: WS,
    async begin(app) {
      const { ask } = await webSocket(app);
      const answer = held(ask('held'));
      await heldIs(app);
      return { answer };
    },
  },
  'WebSocket: silent after a reply': {
    serve: WS,
    async begin(app) {
      assert.equal(await (await webSocket(app)).ask('hello'), 'answered\n');
      return {};
    },
  },
  'WebSocket: silent, with pings of the client': {
    serve: WS,
    async begin(app) {
      const { socket, ask } = await webSocket(app);
      assert.equal(await ask('hello'), 'answered\n');
      const timer = setInterval(() => socket.ping(), PING_EVERY);
      app.defer(() => clearInterval(timer));
      return {};
    },
  },
  'event stream: an event each half second': { serve: HTTP1, begin: first(plain, '/events'), expected: STREAMED },
  'event stream: an event, then silence': { serve: HTTP1, begin: first(plain, '/silent') },
  'event stream over TLS: an event, then silence': {
    serve: () => ({ protocol: 'http', tls: tls('TLSv1.3') }),
    begin: first(secure, '/silent'),
  },
  'upload: the client stalls': {
    serve: HTTP1,
    expected: '100000\n',
    async begin(app) {
      const headers = { 'content-length': 100_000 };
      const call = requestPlain({ host: '127.0.0.1', port: app.port, path: '/upload', method: 'POST', headers });
      app.defer(() => call.destroy());
      call.write(Buffer.alloc(50_000));
      const { promise: answer, resolve, reject } = Promise.withResolvers<string>();
      call.on('error', reject).on('response', async (response) => resolve((await response.toArray()).join('')));
      await heldIs(app);
      return { answer: held(answer), finish: () => call.end(Buffer.alloc(50_000)) };
    },
  },
  'download: the client reads nothing': {
    serve: HTTP1,
    expected: 'x'.repeat(32 * 1024 * 1024),
    async begin(app) {
      const call = requestPlain({ host: '127.0.0.1', port: app.port, path: '/large', agent: false });
      app.defer(() => call.destroy());
      const { promise: answer, resolve, reject } = Promise.withResolvers<string>();
      call.on('error', reject).end();
      const [response] = (await once(call, 'response')) as [IncomingMessage];
      const finish = async (): Promise<void> => response.toArray().then((parts) => resolve(parts.join('')), reject);
      return { answer: held(answer), finish: () => void finish() };
    },
  },
};

async function play(row: ProtocolCase, scenario: Scenario): Promise<void> {
  // On a busy machine a response is not always a quick one.
  for (let tries = 0; tries < 10; tries += 1) {
    await using app = await serve(scenario.serve());
    const begun = await scenario.begin(app);
    if (begun.isSlow !== true) return await judge(app, begun, row, scenario);
  }
  assert.fail('none of ten apps has answered quickly');
}

async function judge(
  app: Served,
  { answer, finish }: Begun,
  { state, verdict }: ProtocolCase,
  { expected = 'released\n' }: Scenario,
): Promise<void> {
  const { run } = app;
  run.kill('SIGTERM');
  if (verdict === 'not waited for') {
    const stopping = await run.line('stopping');
    // A ping that the app has not answered yet at the moment of the first count is over at the next one.
    if (state.includes('pings') && stopping['waitEnded'] === 'none busy') return;
    assert.ok(!run.events().includes('draining'), run.stderr());
    assert.ok(!('waitEnded' in stopping));
    return;
  }
  // By now its last data is as old as the delay, which is longer than it takes to count as idle.
  const draining = await run.line('draining');
  assert.equal(draining['busyConnections'], 1);
  if (verdict === 'holds the signal') return;
  assert.ok(!run.events().includes('stopping'));
  if (finish === undefined) await app.control('/release');
  else finish();
  assert.ok(answer !== undefined);
  const body = await soon('the answer', answer, run.stderr);
  if (typeof expected === 'string') assert.ok(body === expected, body.slice(0, 100));
  else assert.match(body, expected);
  assert.ok('waitEnded' in (await run.line('stopping')));
  assert.deepEqual(await run.ended(), { code: 143, signal: null });
}

describe('connections when the shutdown begins, with default options', { skip: noFfi, concurrency: 8 }, () => {
  for (const row of PROTOCOL_CASES) {
    const name = `${row.protocol}: ${row.state}`;
    test(`${name}: ${row.verdict}`, async () => {
      const scenario = SCENARIOS[name];
      assert.ok(scenario, `nothing is tried for ${name}`);
      await play(row, scenario);
    });
  }
});
