import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseHead } from '../../../src/health/request-head.ts';

const HOST = 'Host: a\r\n';

function headOf(text: string) {
  const parsed = parseHead(text);
  assert.equal(parsed.kind, 'complete', JSON.stringify(parsed));
  return parsed.kind === 'complete' ? parsed.head : assert.fail();
}

test('a head is complete at its empty line, wherever it was cut before', () => {
  const text = `GET /readyz?verbose HTTP/1.1\r\n${HOST}Accept: text/plain\r\naccept:application/json\r\n\r\n`;
  for (let length = 0; length < text.length; length += 1) {
    assert.deepEqual(parseHead(text.slice(0, length)), { kind: 'incomplete' }, text.slice(0, length));
  }
  assert.deepEqual(parseHead(`${text}GET /next`), {
    kind: 'complete',
    head: {
      method: 'GET',
      target: '/readyz?verbose',
      accept: 'text/plain, application/json',
      keepAlive: true,
      hasBody: false,
    },
    length: text.length,
  });
  assert.deepEqual(parseHead(`\r\n${text}`), { ...parseHead(text), length: text.length + 2 });
});

test('a connection is kept as the version and the Connection field say', () => {
  for (const [version, field, kept] of [
    ['1.1', '', true],
    ['1.1', 'Connection: close\r\n', false],
    ['1.1', 'Connection: Upgrade ,\tClose\r\n', false],
    ['1.1', 'Connection: closer\r\n', true],
    ['1.0', '', false],
    ['1.0', 'Connection: Keep-Alive\r\n', true],
    ['1.0', 'Connection: keep-alive, close\r\n', false],
  ] as const) {
    assert.equal(headOf(`GET / HTTP/${version}\r\n${HOST}${field}\r\n`).keepAlive, kept, version + field);
  }
  assert.equal(headOf('HEAD / HTTP/1.0\r\n\r\n').method, 'HEAD');
});

test('a body is seen by its length or its transfer coding', () => {
  for (const [fields, has] of [
    ['', false],
    ['Content-Length: 0\r\n', false],
    ['Content-Length: 00\r\nContent-Length: 0\r\n', false],
    ['Content-Length: 1\r\n', true],
    ['Content-Length: 0\r\nContent-Length: 7\r\n', true],
    ['Content-Length: many\r\n', true],
    ['Transfer-Encoding: chunked\r\n', true],
  ] as const) {
    assert.equal(headOf(`GET / HTTP/1.1\r\n${HOST}${fields}\r\n`).hasBody, has, fields);
  }
});

for (const [what, text, status] of [
  ['a TLS client', '\x16\x03\x01', 400],
  ['a NUL in a field', `GET / HTTP/1.1\r\n${HOST}X: \0`, 400],
  ['a line feed alone', 'GET / HTTP/1.1\nHost: a\n\n', 400],
  ['a carriage return alone', `GET / HTTP/1.1\r\n${HOST}X: a\rb`, 400],
  ['no target', `GET HTTP/1.1\r\n${HOST}\r\n`, 400],
  ['a space in the target', `GET /a b HTTP/1.1\r\n${HOST}\r\n`, 400],
  ['no host', 'GET / HTTP/1.1\r\n\r\n', 400],
  ['two hosts', `GET / HTTP/1.1\r\n${HOST}${HOST}\r\n`, 400],
  ['a space before the colon', `GET / HTTP/1.1\r\n${HOST}X : a\r\n\r\n`, 400],
  ['a folded field', `GET / HTTP/1.1\r\n${HOST}X: a\r\n b\r\n\r\n`, 400],
  ['a field without a name', `GET / HTTP/1.1\r\n${HOST}: a\r\n\r\n`, 400],
  ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505],
  ['a head beyond 8 KiB', `GET / HTTP/1.1\r\n${HOST}X: ${'x'.repeat(8_192)}`, 431],
] as const) {
  test(`a head is refused for ${what}`, () => {
    assert.deepEqual(parseHead(text), { kind: 'refused', status });
  });
}

test('a length of many zeros, a list of many commas and a field of many blanks are read as any other', () => {
  const read = (field: string) => {
    const parsed = parseHead(`GET / HTTP/1.1\r\n${HOST}${field}\r\n\r\n`);
    assert.equal(parsed.kind, 'complete', field.slice(0, 40));
    return parsed.kind === 'complete' ? parsed.head : null;
  };
  const zeros = '0'.repeat(7_900);
  assert.deepEqual(
    [read(`Content-Length: ${zeros}`)?.hasBody, read(`Content-Length: ${zeros}x`)?.hasBody],
    [false, true],
  );
  assert.equal(read(`Content-Length: ${'0, '.repeat(2_600)}0`)?.hasBody, false);
  assert.equal(read(`Connection: ${','.repeat(7_800)}close`)?.keepAlive, false);
  assert.equal(read(`Connection: x${' '.repeat(7_800)}, close`)?.keepAlive, false);
});
