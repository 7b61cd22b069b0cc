import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type HttpAnswer, readHttpAnswer } from '../../../src/probe/http-answer.ts';

/** The answer to these bytes and the end of the connection, in parts of this size. */
function answerTo(bytes: string, size = bytes.length || 1): HttpAnswer {
  const reader = readHttpAnswer();
  for (let at = 0; at < bytes.length; at += size) {
    const answer = reader.push(bytes.slice(at, at + size));
    if (answer !== null) return answer;
  }
  return reader.end();
}

const OK = 'HTTP/1.1 200 OK\r\n';
const BODY = 'Content-Length: 2\r\n\r\nok';
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;
const EARLY = 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n';
const header = (bytes: number): string => `${OK}X-A: ${'a'.repeat(bytes)}\r\n${BODY}`;

/** What Go 1.19 and later, which the kubelet was built with, make of each: a status, or an error, of which we say the reason. */
const ANSWERS: readonly (readonly [what: string, bytes: string, answer: number | RegExp])[] = [
  ['a plain answer', `${OK}${BODY}`, 200],
  ['an early hint before it', `${EARLY}${OK}${BODY}`, 200],
  ['several informational answers before it', `HTTP/1.1 100 Continue\r\n\r\n${EARLY.repeat(3)}${OK}${BODY}`, 200],
  ['a change of protocols', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n', 101],
  ['lines that end with LF alone', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok', 200],
  ['20 kB of headers', header(20_000), 200],
  ['1 MB of headers', header(1_000_000), 200],
  ['20,000 headers', `${OK}${'X-A: b\r\n'.repeat(20_000)}${BODY}`, 200],
  ['2 MiB of headers', header(2 ** 21), /^sent more than 1 MiB of HTTP headers$/],
  ['early hints without end', EARLY.repeat(30_000), /^sent more than 1 MiB of HTTP headers$/],
  ['Content-Length twice', `${OK}Content-Length: 2\r\n${BODY}`, 200],
  [
    'two lengths that differ',
    `${OK}Content-Length: 3\r\n${BODY}`,
    /Content-Length more than once, with different values$/,
  ],
  ['a list of lengths', `${OK}Content-Length: 2, 2\r\n\r\nok`, /Content-Length that is no number$/],
  ['a negative length', `${OK}Content-Length: -2\r\n\r\nok`, /Content-Length that is no number$/],
  ['a length and chunks', `${OK}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`, 200],
  ['another encoding', `${OK}Transfer-Encoding: gzip\r\n\r\nok`, /Transfer-Encoding other than chunked$/],
  ['no reason phrase', `HTTP/1.1 200\r\n${BODY}`, 200],
  ['HTTP/1.0 without a length', 'HTTP/1.0 200 OK\r\n\r\nok', 200],
  ['no length', `${OK}\r\nok`, 200],
  ['204 with a length', 'HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n', 204],
  ['304 with a length', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n', 304],
  ['a status that nobody knows', `HTTP/1.1 999 X\r\n${BODY}`, 999],
  ['a status of four digits', `HTTP/1.1 2000 OK\r\n${BODY}`, /^sent a malformed HTTP status line$/],
  ['a folded header', `${OK}X-A: b\r\n c\r\n${BODY}`, 200],
  ['a first header that is folded', `${OK} X-A: b\r\n${BODY}`, /^sent a malformed HTTP header$/],
  ['a header without a colon', `${OK}foo\r\n${BODY}`, /^sent a malformed HTTP header$/],
  ['a space before a colon', `${OK}Content-Length : 9\r\n${BODY}`, 200],
  ['bytes that are not ASCII', `${OK}X-A: \xe9\xff\r\n${BODY}`, 200],
  ['more than its length', `${OK}Content-Length: 1\r\n\r\nok and more`, 200],
  ['chunks', `${CHUNKED}2;a=b\r\nok\r\n0\r\n\r\n`, 200],
  ['chunks and trailers', `${CHUNKED}1\r\no\r\n1\r\nk\r\n0\r\nX-A: b\r\n\r\n`, 200],
  ['chunks whose size is none', `${CHUNKED}zz\r\nok`, /^sent a malformed chunked body$/],
  ['chunks without CRLF', `${CHUNKED}2\r\nok0\r\n\r\n`, /^sent a malformed chunked body$/],
  ['chunks of lines with LF alone', `${CHUNKED}2\nok\n0\n\n`, /^sent a malformed chunked body$/],
  ['chunks that break off', `${CHUNKED}20\r\nok`, /^closed the connection after 2 bytes of its body, before the end$/],
  ['chunks without the last line', `${CHUNKED}2\r\nok\r\n0\r\n`, /^closed the connection after 2 bytes of its body/],
  ['a body that breaks off', `${OK}Content-Length: 20\r\n\r\nok`, /^closed the connection after 2 bytes of its body/],
  ['headers that break off', `${OK}Conte`, /^closed the connection inside its HTTP headers$/],
  ['nothing', '', /^closed the connection without an answer$/],
  ['only an early hint', EARLY, /^closed the connection inside its HTTP headers$/],
  ['a body without a head', 'ok', /^does not speak HTTP$/],
  ['lower case', `http/1.1 200 OK\r\n${BODY}`, /^does not speak HTTP$/],
  ['an empty line before it', `\r\n${OK}${BODY}`, /^does not speak HTTP$/],
  ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n', /^does not speak HTTP$/],
  ['a TLS alert', '\x15\x03\x01\0\x02\x02\x28', /^does not speak HTTP, but TLS; write https:\/\/$/],
];

for (const [what, bytes, expected] of ANSWERS) {
  test(`an HTTP probe reads ${what} as the kubelet does, in whatever parts it comes`, () => {
    for (const size of bytes.length > 10_000 ? [bytes.length, 4_000] : [bytes.length || 1, 1, 3]) {
      const answer = answerTo(bytes, size);
      if (typeof expected === 'number')
        assert.deepEqual(answer, { ok: { ...('ok' in answer && answer.ok), status: expected } });
      else assert.match('problem' in answer ? answer.problem : JSON.stringify(answer), expected);
    }
  });
}

test('an HTTP probe has its answer after 10 KiB of a body that goes on, and after a body that is complete', () => {
  for (const begin of [`${OK}\r\n`, `${OK}Content-Length: 99999\r\n\r\n`, `${CHUNKED}20000\r\n`]) {
    const reader = readHttpAnswer();
    assert.equal(reader.push(begin), null);
    assert.equal(reader.push('x'.repeat(10 * 1024 - 1)), null);
    assert.deepEqual(reader.push('x'), { ok: { status: 200, location: null } });
  }
  assert.deepEqual(readHttpAnswer().push(`${CHUNKED}0\r\n\r\n`), { ok: { status: 200, location: null } });
  assert.deepEqual(readHttpAnswer().push(`${OK}Content-Length: 0\r\nLocation: /a\r\nLocation: /b\r\n\r\n`), {
    ok: { status: 200, location: '/a' },
  });
});
