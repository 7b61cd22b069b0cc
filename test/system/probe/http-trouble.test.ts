import type { Socket } from 'node:net';
import { test } from 'node:test';
import { selfSigned } from '../../rig/certificate.ts';
import { until } from '../../rig/deadline.ts';
import { start } from '../../rig/supervised.ts';
import { serveHttp, serveTcp } from '../../rig/target.ts';

const SLEEP = ['sleep', '300'];

/** What a server may do to a probe, and the reason that Kubernetes is given for it. */
const TROUBLE: Readonly<Record<string, readonly [(socket: Socket) => void, RegExp]>> = {
  'says nothing at all': [() => {}, /^no answer within 1000 ms$/],
  'answers the head and never the body': [
    (socket) => socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf')),
    /^no answer within 1000 ms$/,
  ],
  'resets the connection': [(socket) => socket.once('data', () => socket.resetAndDestroy()), /reset the connection$/],
  'sends headers without end': [
    (socket) => socket.once('data', () => socket.write(`HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(2 ** 21)}`)),
    /sent more than 1 MiB of HTTP headers$/,
  ],
  'hangs up without an answer': [
    (socket) => socket.once('data', () => socket.end()),
    /closed the connection without an answer$/,
  ],
  'answers garbage': [(socket) => socket.once('data', () => socket.end('% garbage\r\n\r\n')), /does not speak HTTP$/],
  'breaks off in the middle of the body': [
    (socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf')),
    /closed the connection after 4 bytes of its body, before the end$/,
  ],
};

for (const [deed, [greet, reason]] of Object.entries(TROUBLE)) {
  test(`an HTTP probe of a server that ${deed} fails and says so`, async () => {
    await using target = await serveTcp(greet);
    await using run = start(['--ready', `http://:${target.port}/`], SLEEP);
    await until('the reason', async () => reason.test((await run.get('/startupz')).body.trim()), run.stderr);
  });
}

/** What a server may answer that the kubelet accepts, although strict clients do not. */
const ACCEPTED: Readonly<Record<string, string>> = {
  'sends early hints first':
    'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
  'ends its lines with LF': 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok',
  'sends a header of 900 kB': `HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(900_000)}\r\nContent-Length: 2\r\n\r\nok`,
  'sends Content-Length twice': 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok',
};

for (const [deed, answer] of Object.entries(ACCEPTED)) {
  test(`an HTTP probe of a server that ${deed} passes`, async () => {
    await using target = await serveTcp((socket) => socket.once('data', () => socket.end(answer)));
    await using run = start(['--ready', `http://:${target.port}/`], SLEEP);
    await run.line('ready');
  });
}

test('an HTTP probe of a port where nobody listens names the port', async () => {
  const target = await serveTcp(() => {});
  const { port } = target;
  await target[Symbol.asyncDispose]();
  await using run = start(['--ready', `http://127.0.0.1:${port}/`], SLEEP);
  await until(
    'the reason',
    async () => (await run.get('/startupz')).body === `nothing listens on 127.0.0.1:${port}\n`,
    run.stderr,
  );
});

test('an HTTP probe reads 10 KiB of a body and no more: a body that never ends passes', async () => {
  await using target = await serveHttp((_request, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536)));
    };
    response.on('drain', more);
    more();
  });
  await using run = start(['--ready', `http://:${target.port}/`], SLEEP);
  await run.line('ready');
});

test('an HTTP probe waits for a body of less than 10 KiB', async () => {
  await using target = await serveHttp((_request, response) => response.write(Buffer.alloc(10 * 1024 - 1)));
  await using run = start(['--ready', `http://:${target.port}/`, '--probe-timeout', '300ms'], SLEEP);
  await until('the reason', async () => (await run.get('/startupz')).body === 'no answer within 300 ms\n', run.stderr);
});

test('an HTTPS probe accepts a certificate that no authority has signed', async () => {
  await using target = await serveHttp((_request, response) => response.end('ok'), {}, selfSigned());
  await using run = start(['--probe-period', '30ms', '--ready', `https://:${target.port}/`], SLEEP);
  await run.line('ready');
  await until('three questions', () => target.requests.length >= 3, run.stderr);
});

test('an HTTPS probe of a server without TLS fails', async () => {
  await using target = await serveHttp((_request, response) => response.end('ok'));
  await using run = start(['--ready', `https://:${target.port}/`], SLEEP);
  await until(
    'the reason',
    async () => /does not speak TLS; if it needs none, write http:/.test((await run.get('/startupz')).body),
    run.stderr,
  );
});
