import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseProbe } from '../../../src/config/parse-probe.ts';

/** The probe in a few plain values; a problem throws. */
function read(text: string): unknown {
  const parsed = parseProbe(text);
  if ('problem' in parsed) throw new Error(`${text}: ${parsed.problem}`);
  const spec = parsed.ok;
  return spec.kind === 'http' ? [spec.kind, spec.host, spec.url.href] : spec;
}

function problemOf(text: string): string {
  const parsed = parseProbe(text);
  assert.ok('problem' in parsed, `${text} was accepted`);
  return parsed.problem;
}

test('a probe that is one word is read by that word', () => {
  for (const kind of ['auto', 'process', 'none']) assert.deepEqual(read(kind), { kind });
});

test('an http probe is read with a host, without one, with an IPv6 address, a path and a query', () => {
  const cases: Readonly<Record<string, readonly [host: string, href: string]>> = {
    'http://:8080/ready': ['loopback', 'http://127.0.0.1:8080/ready'],
    'http://:8080': ['loopback', 'http://127.0.0.1:8080/'],
    'http:///ready': ['loopback', 'http://127.0.0.1/ready'],
    'https://:8443/': ['loopback', 'https://127.0.0.1:8443/'],
    'http://localhost:3000/a?b=c': ['localhost', 'http://localhost:3000/a?b=c'],
    'http://10.1.2.3/': ['10.1.2.3', 'http://10.1.2.3/'],
    'http://[::1]:8080/x': ['::1', 'http://[::1]:8080/x'],
    'https://[FD00::0:1]/': ['fd00::1', 'https://[fd00::1]/'],
    'http://example.org?q': ['example.org', 'http://example.org/?q'],
    'http://:8080/x#part': ['loopback', 'http://127.0.0.1:8080/x'],
  };
  for (const [text, [host, href]] of Object.entries(cases)) assert.deepEqual(read(text), ['http', host, href], text);
});

test('a tcp probe is read with a host, without one, and with an IPv6 address', () => {
  assert.deepEqual(read('tcp://:5432'), { kind: 'tcp', host: 'loopback', port: 5432 });
  assert.deepEqual(read('tcp://db:5432/'), { kind: 'tcp', host: 'db', port: 5432 });
  assert.deepEqual(read('tcp://[::1]:65535'), { kind: 'tcp', host: '::1', port: 65_535 });
  assert.deepEqual(read('tcp://10.0.0.1:1'), { kind: 'tcp', host: '10.0.0.1', port: 1 });
});

test('exec probes are read as words, file probes as one path', () => {
  assert.deepEqual(read('exec:pg_isready -h "my host"'), { kind: 'exec', command: ['pg_isready', '-h', 'my host'] });
  assert.deepEqual(read('file:/tmp/ready'), { kind: 'file', path: '/tmp/ready' });
  assert.deepEqual(read('file:/tmp/a b'), { kind: 'file', path: '/tmp/a b' });
});

test('text that is no probe is a problem that says what would be right', () => {
  const cases: Readonly<Record<string, RegExp>> = {
    '': /not a probe; write auto/,
    AUTO: /not a probe/,
    '8080': /not a probe/,
    'ftp://x/': /not a probe/,
    tcp: /not a probe/,
    'auto:': /not a probe/,
    https: /not a probe/,
    'grpc://host': /not an address with a port; write grpc/,
    'grpc://:0': /from 1 to 65535/,
    'grpc://:50051/a service': /not an address with a port/,
    'http:8080': /not a URL; write http:\/\/:8080\/path/,
    'http://:port/': /not a URL/,
    'http://:99999/': /not a URL/,
    'http://:0/': /from 1 to 65535/,
    'http://a b/': /not a URL/,
    'http://[::1/': /not a URL/,
    'http://user:secret@host/': /no credentials/,
    'tcp://host': /not an address with a port/,
    'tcp://::1:80': /not an address with a port/,
    'tcp://:0': /from 1 to 65535/,
    'tcp://:65536': /from 1 to 65535/,
    'tcp:5432': /not an address with a port/,
    'exec:': /names no command/,
    'exec:  ': /names no command/,
    'exec:sh -c "open': /" is never closed/,
    "exec:it's": /' is never closed/,
    'file:ready': /must be absolute/,
    'file:': /must be absolute/,
  };
  for (const [text, problem] of Object.entries(cases)) assert.match(problemOf(text), problem, text);
  assert.doesNotMatch(problemOf('http://user:secret@host/'), /secret/);
});

test('a grpc probe is read with a host, without one, with an IPv6 address, and with a service', () => {
  assert.deepEqual(read('grpc://:50051'), { kind: 'grpc', host: 'loopback', port: 50_051, service: '' });
  assert.deepEqual(read('grpc://db:1/'), { kind: 'grpc', host: 'db', port: 1, service: '' });
  assert.deepEqual(read('grpc://[::1]:1/a.b.C'), { kind: 'grpc', host: '::1', port: 1, service: 'a.b.C' });
});
