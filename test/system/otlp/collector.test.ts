import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { selfSigned } from '../../rig/certificate.ts';
import { type OtlpAnswer, runShell, startCollector } from '../../rig/collector.ts';
import { until } from '../../rig/deadline.ts';
import { type Finished, finish, lastLine } from '../../rig/finished.ts';
import { freePort } from '../../rig/free-port.ts';
import { plainAttributes } from '../../rig/otlp-messages.ts';
import { startPuppet } from '../../rig/puppet.ts';
import { cleanEnvironment } from '../../rig/supervised.ts';

const warnings = ({ lines }: Pick<Finished, 'lines'>): readonly string[] =>
  lines.filter(({ event, msg }) => event === 'warning' && /collector|OTEL/.test(msg)).map(({ msg }) => msg);
const ACCEPTED: OtlpAnswer = { status: 200, body: '{}' };

test('--otlp env: the standard variables', async () => {
  await using collector = await startCollector();
  await using ofLogs = await startCollector();
  const env = {
    ...cleanEnvironment(),
    OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/base/`,
    OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `${ofLogs.url}/own/v1/logs`,
    OTEL_EXPORTER_OTLP_HEADERS:
      'authorization=Bearer%20abc,x-tenant=shop,Transfer-Encoding=chunked,expect=100-continue',
    OTEL_EXPORTER_OTLP_LOGS_HEADERS: 'x-tenant=logs',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'none',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_SERVICE_NAME: 'checkout',
    OTEL_RESOURCE_ATTRIBUTES: 'service.name=other,service.version=1.2.3,note=a%2Cb',
  };
  assert.equal((await runShell(ofLogs, ['--otlp=env'], 'exit 0', { env })).code, 0);
  await collector.span('life');
  await ofLogs.record('exited');
  for (const { path, headers, message } of collector.requests()) {
    assert.equal(path, '/base/v1/traces');
    assert.deepEqual([headers['authorization'], headers['x-tenant']], ['Bearer abc', 'shop']);
    assert.equal(headers['content-encoding'], undefined);
    const resource = plainAttributes(message.resource);
    assert.deepEqual(
      [resource['service.name'], resource['service.version'], resource['note']],
      ['checkout', '1.2.3', 'a,b'],
    );
  }
  for (const { path, headers } of ofLogs.requests())
    assert.deepEqual([path, headers['x-tenant'], headers['authorization']], ['/own/v1/logs', 'logs', undefined]);
});

test('a URL gets none of the headers that are meant for another collector', async () => {
  await using collector = await startCollector();
  const env = {
    ...cleanEnvironment(),
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=secret',
    OTEL_SERVICE_NAME: 'checkout',
  };
  await runShell(collector, [`--otlp=${collector.url}`], 'exit 0', { env });
  await collector.span('life');
  for (const { headers, message } of collector.requests()) {
    assert.equal(headers['authorization'], undefined);
    assert.equal(plainAttributes(message.resource)['service.name'], 'checkout');
  }
});

test('what cannot be exported is said, and the app starts without', async () => {
  await using collector = await startCollector();
  const OTEL_EXPORTER_OTLP_ENDPOINT = collector.url;
  for (const [more, said] of [
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, /PROTOCOL is grpc, which k8s-run does not speak/],
    [{ OTEL_SDK_DISABLED: 'true' }, /OTEL_SDK_DISABLED is true/],
    [{ OTEL_TRACES_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' }, null],
  ] as const) {
    const env = { ...cleanEnvironment(), OTEL_EXPORTER_OTLP_ENDPOINT, ...more };
    const ended = await finish(['--otlp=env'], ['sh', '-c', 'echo "$TRACEPARENT"; exit 5'], { env });
    assert.deepEqual([ended.code, ended.stdout], [5, '\n']);
    if (said !== null) assert.match(warnings(ended)[0] ?? '', said);
    else assert.deepEqual(warnings(ended), []);
  }
  assert.deepEqual(collector.requests(), []);
});

test('a collector that is not there costs one warning', async () => {
  const port = await freePort();
  await using run = await startPuppet([`--otlp=http://127.0.0.1:${port}`, '--ready=process']);
  const { msg, reason } = await run.line('warning', (line) => /collector/.test(line.msg));
  assert.match(msg, new RegExp(`^the collector at http://127.0.0.1:${port} does not answer: .*ECONNREFUSED`));
  assert.match(String(reason), /ECONNREFUSED/);
  await run.puppet.tell({ do: 'exit', code: 4 });
  assert.equal((await run.ended()).code, 4);
  assert.equal(warnings({ lines: run.lines() }).length, 1);
  assert.equal(run.events().at(-1), 'exited');
});

test('a collector that is not there does not change how a short life ends', async () => {
  const ended = await finish([`--otlp=http://127.0.0.1:${await freePort()}`], ['sh', '-c', 'exit 4']);
  assert.equal(ended.code, 4);
  assert.equal(lastLine(ended).event, 'exited');
});

test('a collector that hangs delays no phase, and k8s-run exits with the code of the app', async () => {
  await using collector = await startCollector({ answer: () => 'hang' });
  await using run = await startPuppet([`--otlp=${collector.url}`, '--ready=process', '--shutdown-delay=10ms']);
  await run.puppet.tell({ do: 'exitOn', signal: 'SIGTERM', code: 9 });
  await run.line('ready');
  await until('a request that gets no answer', () => collector.requests().length > 0);
  run.kill('SIGTERM');
  assert.equal((await run.ended()).code, 9);
  assert.deepEqual(run.events().slice(-3), ['terminating', 'stopping', 'exited']);
});

test('a collector that cannot take it now gets it again', async () => {
  const answer = (path: string, count: number): OtlpAnswer =>
    path === '/v1/logs' && count === 0 ? { status: 503 } : ACCEPTED;
  await using collector = await startCollector({ answer });
  const ended = await runShell(collector, [`--otlp=${collector.url}`], 'exit 1');
  await collector.span('life');
  await collector.record('exited');
  assert.deepEqual(warnings(ended), []);
  const [first, second] = collector.requests().filter(({ path }) => path === '/v1/logs');
  assert.deepEqual(second?.message, first?.message);
});

test('what a collector finds too large is sent again in halves', async () => {
  const answer = (_: string, count: number): OtlpAnswer => (count === 0 ? { status: 413 } : ACCEPTED);
  await using collector = await startCollector({ answer });
  const ended = await runShell(collector, [`--otlp=${collector.url}`], 'exit 1');
  await collector.span('life');
  await collector.record('exited');
  assert.deepEqual(warnings(ended), []);
  const [first, second] = collector.requests().filter(({ path }) => path === '/v1/traces');
  assert.ok(first !== undefined && second !== undefined);
  assert.equal(second.message.spans.length, Math.ceil(first.message.spans.length / 2));
});

test('429 with Retry-After while the app runs', async () => {
  const answer = (path: string, count: number): OtlpAnswer =>
    path === '/v1/logs' && count === 0 ? { status: 429, headers: { 'retry-after': '1' } } : ACCEPTED;
  await using collector = await startCollector({ answer });
  await using run = await startPuppet([`--otlp=${collector.url}`, '--ready=process']);
  await run.line('ready');
  await collector.record('starting');
  const [first, second] = collector.requests().filter(({ path }) => path === '/v1/logs');
  assert.deepEqual(second?.message, first?.message, 'the same request');
});

test('what a collector refuses is said once, and is not sent again', async () => {
  await using collector = await startCollector({ answer: () => ({ status: 401 }) });
  await using run = await startPuppet([`--otlp=${collector.url}`, '--ready=process']);
  const warning = await run.line('warning', ({ msg }) => /collector/.test(msg));
  assert.match(warning.msg, /refuses \d+ log records: HTTP 401: it wants other credentials/);
  await run.puppet.tell({ do: 'exit', code: 6 });
  assert.equal((await run.ended()).code, 6);
  const ids = collector
    .requests()
    .flatMap(({ message }) => message.records.map(({ timeUnixNano, body }) => timeUnixNano + body.stringValue));
  assert.equal(new Set(ids).size, ids.length, 'each record was sent once');
  assert.equal(warnings({ lines: run.lines() }).filter((text) => /log records/.test(text)).length, 1);
});

test('a server of gRPC is told by what it answers, with the port that is meant', async () => {
  const server = createServer().on('sessionError', () => {});
  await once(server.listen(0, '127.0.0.1'), 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    await using run = await startPuppet([`--otlp=http://127.0.0.1:${port}`, '--ready=process']);
    const { msg } = await run.line('warning', (line) => /collector/.test(line.msg));
    assert.match(
      msg,
      /does not answer: it does not speak HTTP\/1\.1: in most collectors the port for OTLP over HTTP is 4318/,
    );
  } finally {
    server.close();
  }
});

test('a partial success is said once', async () => {
  const body = '{"partialSuccess":{"rejectedLogRecords":"2","errorMessage":"too old"}}';
  const answer = (path: string): OtlpAnswer => (path === '/v1/logs' ? { status: 200, body } : ACCEPTED);
  await using collector = await startCollector({ answer });
  await using run = await startPuppet([`--otlp=${collector.url}`, '--ready=process']);
  const warning = await run.line('warning', ({ msg }) => /collector/.test(msg));
  assert.match(warning.msg, /has not taken all log records: 2 log records rejected: too old/);
  await run.puppet.tell({ do: 'exit', code: 0 });
  await run.ended();
  assert.equal(warnings({ lines: run.lines() }).length, 1);
});

test('https, verified by a certificate of its own, and with one for the client', async () => {
  const folder = await mkdtemp('/tmp/otlp-');
  try {
    const server = selfSigned();
    const client = selfSigned();
    const files = { 'ca.pem': server.cert, 'client.pem': client.cert, 'client.key': client.key };
    for (const [name, text] of Object.entries(files)) await writeFile(`${folder}/${name}`, text);
    const tls = { ...server, ca: client.cert, requestCert: true };
    await using collector = await startCollector({ tls });
    const env = {
      ...cleanEnvironment(),
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      // Relative to the working directory, which k8s-run leaves.
      OTEL_EXPORTER_OTLP_CERTIFICATE: 'ca.pem',
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: 'client.pem',
      OTEL_EXPORTER_OTLP_CLIENT_KEY: 'client.key',
    };
    await runShell(collector, ['--otlp=env'], 'exit 0', { env, cwd: folder });
    await collector.span('life');
    await using run = await startPuppet([`--otlp=${collector.url}`]);
    const { msg } = await run.line('warning', (line) => /collector/.test(line.msg));
    assert.match(msg, /does not answer: .*self-signed certificate/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('where nothing is on stderr, the log is in the collector', async () => {
  await using collector = await startCollector();
  const ended = await runShell(collector, [`--otlp=${collector.url}`, '--log-level=silent'], 'exit 0');
  assert.equal(ended.stderr, '');
  await collector.record('exited');
});
