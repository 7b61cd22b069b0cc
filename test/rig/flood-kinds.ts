const BODY = 'x'.repeat(60_000);
const HEAD = '\r\nHost: flood\r\n';

/** What each connection of a flood sends, by the kind of flood. */
export const WORDS: Readonly<Record<string, string>> = {
  'POST with 60 kB': `POST /readyz HTTP/1.1${HEAD}Content-Length: ${BODY.length}\r\n\r\n${BODY}`,
  'POST in chunks': `POST /readyz HTTP/1.1${HEAD}Transfer-Encoding: chunked\r\n\r\nea60\r\n${BODY}\r\n`,
  'GET with 60 kB': `GET /readyz HTTP/1.1${HEAD}Content-Length: ${BODY.length}\r\n\r\n${BODY}`,
  GET: `GET /readyz HTTP/1.1${HEAD}Connection: close\r\n\r\n`,
  'GET /metrics': `GET /metrics HTTP/1.1${HEAD}Connection: close\r\n\r\n`,
  '1,500 requests at once': `GET /readyz HTTP/1.1${HEAD}\r\n`.repeat(1_500),
  'a head of 60 kB': `GET /readyz HTTP/1.1${HEAD}X: ${BODY}\r\n\r\n`,
  'a TLS client': `\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03${'\xff\0'.repeat(30_000)}`,
  'answers that nobody reads':
    `GET /metrics HTTP/1.1${HEAD}\r\nGET /statusz HTTP/1.1${HEAD}Accept: text/html\r\n\r\n`.repeat(500),
  'heads without an end': `GET /readyz HTTP/1.1${HEAD}X: ${'x'.repeat(4_000)}`,
  'silent connections': '',
};

/** Kinds whose clients neither read nor leave. */
export const HOLD_ON: readonly string[] = ['answers that nobody reads', 'heads without an end', 'silent connections'];
