import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http2';
import { test } from 'node:test';
import { selfSigned } from '../../rig/certificate.ts';
import { temporaryFile } from '../../rig/config-file.ts';
import { until } from '../../rig/deadline.ts';
import { serveGrpc, serveHttp2 } from '../../rig/grpc.ts';
import { start } from '../../rig/supervised.ts';
import { serveHttp } from '../../rig/target.ts';

const SLEEP = ['sleep', '300'];
/** With a timeout that a busy machine does not exceed. */
const BRISK = ['--probe-period', '30ms', '--probe-timeout', '30s', '--failure-threshold', '1'];

test('an h2c probe asks a server that has HTTP/2 only, and follows its status', async () => {
  let status = 503;
  const seen: IncomingHttpHeaders[] = [];
  await using server = await serveHttp2((stream, headers) => {
    seen.push(headers);
    stream.respond({ ':status': status });
    stream.end('ok');
  });
  await using run = start([...BRISK, '--ready', `h2c://:${server.port}/ready?deep=1`], SLEEP);
  await until('the reason', async () => (await run.get('/startupz')).body === 'HTTP 503\n', run.stderr);
  status = 200;
  await run.line('ready');
  status = 500;
  assert.equal((await run.line('unready'))['reason'], 'HTTP 500');
  const [first] = seen;
  assert.deepEqual(
    [':method', ':path', ':scheme', ':authority'].map((name) => first?.[name]),
    ['GET', '/ready?deep=1', 'http', `127.0.0.1:${server.port}`],
  );
  assert.match(String(first?.['user-agent']), /^k8s-run-probe\//);
});

test('an h2c probe follows redirects on the same host', async () => {
  const paths: unknown[] = [];
  await using server = await serveHttp2((stream, headers) => {
    paths.push(headers[':path']);
    if (headers[':path'] === '/') stream.respond({ ':status': 302, location: '/there' });
    else stream.respond({ ':status': 200 });
    stream.end();
  });
  await using run = start([...BRISK, '--ready', `h2c://:${server.port}/`], SLEEP);
  await run.line('ready');
  assert.deepEqual(paths.slice(0, 2), ['/', '/there']);
});

test('an h2c probe reads 10 KiB of a body and no more', async () => {
  await using server = await serveHttp2((stream) => {
    stream.respond({ ':status': 200 });
    const more = (): void => {
      while (!stream.destroyed && stream.write(Buffer.alloc(16_384)));
    };
    stream.on('drain', more);
    more();
  });
  await using run = start([...BRISK, '--ready', `h2c://:${server.port}/`], SLEEP);
  await run.line('ready');
});

test('an h2c probe of a server that has HTTP/1.1 only fails and says so', async () => {
  await using target = await serveHttp((_request, response) => response.end('ok'));
  await using run = start([...BRISK, '--ready', `h2c://:${target.port}/`], SLEEP);
  const reason = `127.0.0.1:${target.port} does not speak HTTP/2\n`;
  await until('the reason', async () => (await run.get('/startupz')).body === reason, run.stderr);
});

test('an HTTPS probe uses HTTP/2 where the server has nothing else', async () => {
  await using server = await serveHttp2((stream) => {
    stream.respond({ ':status': 200 });
    stream.end();
  }, selfSigned());
  await using run = start([...BRISK, '--ready', `https://:${server.port}/`], SLEEP);
  await run.line('ready');
});

test('a grpcs probe asks over TLS without a check of the certificate, as mode: TLS of a stanza does', async () => {
  await using server = await serveGrpc({ '': 'NOT_SERVING', shop: 'SERVING' }, '127.0.0.1:0', selfSigned());
  await using one = start([...BRISK, '--ready', `grpcs://:${server.port}`], SLEEP);
  const reason = 'the health service answers NOT_SERVING\n';
  await until('the reason', async () => (await one.get('/startupz')).body === reason, one.stderr);
  server.setStatus('', 'SERVING');
  await one.line('ready');
  await using file = await temporaryFile(
    `readinessProbe: { grpc: { port: ${server.port}, service: shop, mode: TLS } }`,
  );
  await using other = start(['--config', file.path], SLEEP);
  await other.line('ready');
});

test('a gRPC probe of a server with TLS names grpcs, and a grpcs probe of one without names grpc', async () => {
  await using secure = await serveGrpc({ '': 'SERVING' }, '127.0.0.1:0', selfSigned());
  await using plain = await serveGrpc({ '': 'SERVING' });
  await using one = start([...BRISK, '--ready', `grpc://:${secure.port}`], SLEEP);
  await until('grpcs', async () => (await one.get('/startupz')).body.includes('write grpcs://'), one.stderr);
  await using other = start([...BRISK, '--ready', `grpcs://:${plain.port}`], SLEEP);
  await until('grpc', async () => (await other.get('/startupz')).body.includes('write grpc://'), other.stderr);
});

test('protocol: HTTP2 of a stanza asks in HTTP/2', async () => {
  await using server = await serveHttp2((stream) => {
    stream.respond({ ':status': 200 });
    stream.end();
  });
  await using file = await temporaryFile(`readinessProbe: { httpGet: { port: ${server.port}, protocol: HTTP2 } }`);
  await using run = start(['--config', file.path], SLEEP);
  await run.line('ready');
  const { body } = await run.get('/statusz');
  assert.match(body, new RegExp(`h2c://:${server.port}/`));
});
