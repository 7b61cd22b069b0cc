import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { describeProbe, hostsOf, parseProbe, splitWords } from '../../../src/config/probe-spec.ts';

/** The probe in a few plain values; a problem throws. */
function read(text: string): unknown {
  const parsed = parseProbe(text);
  if ('problem' in parsed) throw new Error(`${text}: ${parsed.problem}`);
  const spec = parsed.ok;
  return spec.kind === 'http' ? [spec.kind, spec.host, spec.url.href] : spec;
}

function problemOf(text: string): string {
  const parsed = parseProbe(text);
  assert.ok('problem' in parsed, `${text} was taken`);
  return parsed.problem;
}

test('the forms of one word', () => {
  for (const kind of ['auto', 'process', 'none']) assert.deepEqual(read(kind), { kind });
});

test('http and https: with a host, without, IPv6, path and query', () => {
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

test('tcp: with a host, without, IPv6', () => {
  assert.deepEqual(read('tcp://:5432'), { kind: 'tcp', host: 'loopback', port: 5432 });
  assert.deepEqual(read('tcp://db:5432/'), { kind: 'tcp', host: 'db', port: 5432 });
  assert.deepEqual(read('tcp://[::1]:65535'), { kind: 'tcp', host: '::1', port: 65_535 });
  assert.deepEqual(read('tcp://10.0.0.1:1'), { kind: 'tcp', host: '10.0.0.1', port: 1 });
});

test('exec and file', () => {
  assert.deepEqual(read('exec:pg_isready -h "my host"'), { kind: 'exec', command: ['pg_isready', '-h', 'my host'] });
  assert.deepEqual(read('file:/tmp/ready'), { kind: 'file', path: '/tmp/ready' });
  assert.deepEqual(read('file:/tmp/a b'), { kind: 'file', path: '/tmp/a b' });
});

test('what is wrong with the others is said, with what would be right', () => {
  const cases: Readonly<Record<string, RegExp>> = {
    '': /not a probe; write auto/,
    AUTO: /not a probe/,
    '8080': /not a probe/,
    'ftp://x/': /not a probe/,
    'grpc://host': /not an address with a port; write grpc/,
    'grpc://:0': /from 1 to 65535/,
    'grpc://:50051/a service': /not an address with a port/,
    'http:8080': /not a URL; write http:\/\/:8080\/path/,
    'http://:port/': /not a URL/,
    'http://:99999/': /not a URL/,
    'http://:0/': /port 0/,
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

test('grpc: with a host, without, IPv6, with a service', () => {
  assert.deepEqual(read('grpc://:50051'), { kind: 'grpc', host: 'loopback', port: 50_051, service: '' });
  assert.deepEqual(read('grpc://db:1/'), { kind: 'grpc', host: 'db', port: 1, service: '' });
  assert.deepEqual(read('grpc://[::1]:1/a.b.C'), { kind: 'grpc', host: '::1', port: 1, service: 'a.b.C' });
});

test('a command line is split as a shell splits quoted words, and nothing more', () => {
  const cases: Readonly<Record<string, readonly string[]>> = {
    'a b  c': ['a', 'b', 'c'],
    ' a\tb\n': ['a', 'b'],
    "'a b' c": ['a b', 'c'],
    '"a b"c': ['a bc'],
    '""': [''],
    "a''b": ['ab'],
    'a\\ b': ['a b'],
    '"a\\"b\\\\c\\d"': ['a"b\\c\\d'],
    "'a\\b'": ['a\\b'],
    '$HOME *.js | x && y;z': ['$HOME', '*.js', '|', 'x', '&&', 'y;z'],
    '': [],
  };
  for (const [line, words] of Object.entries(cases)) assert.deepEqual(splitWords(line), { ok: words }, line);
});

test('whatever is quoted comes out as it was', () => {
  const single = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
  const double = (word: string): string => `"${word.replace(/["\\]/g, '\\$&')}"`;
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), fc.boolean(), (words, singly) => {
      assert.deepEqual(splitWords(words.map(singly ? single : double).join(' ')), { ok: words });
    }),
  );
});

test('a probe is described so that it can be read again, without what may be secret', () => {
  for (const text of ['auto', 'process', 'none', 'tcp://:80', 'tcp://[::1]:80', 'file:/x', 'http://[::1]:81/x']) {
    const parsed = parseProbe(text);
    assert.ok('ok' in parsed);
    assert.equal(describeProbe(parsed.ok), text);
  }
  const told = (text: string): string => {
    const parsed = parseProbe(text);
    return 'ok' in parsed ? describeProbe(parsed.ok) : '';
  };
  assert.equal(told('http://:8080/ready?token=secret'), 'http://:8080/ready');
  assert.equal(told('https:///x'), 'https://:443/x');
  assert.equal(told('exec:check --password secret'), 'exec:check');
});

test('a host that was not given is loopback, IPv4 first', () => {
  assert.deepEqual(hostsOf('loopback'), ['127.0.0.1', '::1']);
  assert.deepEqual(hostsOf('db'), ['db']);
});
