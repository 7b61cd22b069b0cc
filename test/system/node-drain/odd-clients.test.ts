import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { freePort } from '../../rig/free-port.ts';
import { start } from '../../rig/supervised.ts';

/** Answers GET /<ms> after so long; refuses the upgrade of /refuse, and never answers that of /pending. */
const SERVER = `
const server = require('node:http').createServer((request, response) => {
  setTimeout(() => response.end('answer to ' + request.url), Number(request.url.slice(1)));
});
server.on('upgrade', (request, socket) => {
  if (request.url === '/refuse') socket.end('HTTP/1.1 401 Unauthorized\\r\\nConnection: close\\r\\n\\r\\n');
  console.log('upgrade ' + request.url);
});
process.on('SIGTERM', () => process.exit(5));
server.listen(Number(process.argv[1]), '127.0.0.1', () => console.log('up'));
`;

type RawClient = Disposable & { readonly socket: Socket; readonly received: () => string };

/** Keeps its half of the connection open when the server ends its own. */
function rawClient(port: number, text: string): RawClient {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  let received = '';
  socket.setEncoding('latin1').on('data', (part: string) => {
    received += part;
  });
  socket.on('error', () => {}).write(text);
  return { socket, received: () => received, [Symbol.dispose]: () => void socket.destroy() };
}

const upgradeOf = (path: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: eA==\r\nSec-WebSocket-Version: 13\r\n\r\n`;

async function serving(delay: string) {
  const port = await freePort();
  const options = ['--node-drain', '--ready', 'none', '--shutdown-delay', delay, '--drain-connections', 'off'];
  const run = start(options, [process.execPath, '--eval', SERVER, String(port)]);
  await until('the server listens', () => run.stdout().includes('up'), run.stderr);
  return { run, port, [Symbol.asyncDispose]: () => run[Symbol.asyncDispose]() };
}

test('--node-drain: a refused upgrade whose client keeps its half open does not end the app', async () => {
  await using app = await serving('1500ms');
  using client = rawClient(app.port, upgradeOf('/refuse'));
  await until('the refusal', () => client.received().startsWith('HTTP/1.1 401'), app.run.stderr);
  app.run.kill('SIGTERM');
  await app.run.line('stopping');
  assert.deepEqual(await app.run.ended(), { code: 5, signal: null });
  assert.match(client.received(), /\r\n\r\n$/, 'nothing follows the refusal');
});

test('--node-drain: a WebSocket handshake that the app has not answered yet gets no frame', async () => {
  await using app = await serving('1500ms');
  using client = rawClient(app.port, upgradeOf('/pending'));
  await until('the handshake', () => app.run.stdout().includes('upgrade /pending'), app.run.stderr);
  app.run.kill('SIGTERM');
  assert.deepEqual(await app.run.ended(), { code: 5, signal: null });
  assert.equal(client.received(), '');
});

test('--node-drain: a pipelined request behind one that was answered is answered too', async () => {
  await using app = await serving('6s');
  using client = rawClient(app.port, 'GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /5300 HTTP/1.1\r\nHost: a\r\n\r\n');
  await until('the first answer', () => client.received().includes('answer to /1'), app.run.stderr);
  app.run.kill('SIGTERM');
  await until('the second answer', () => client.received().includes('answer to /5300'), app.run.stderr);
  assert.deepEqual(await app.run.ended(), { code: 5, signal: null });
});
