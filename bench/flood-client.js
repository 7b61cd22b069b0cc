// One client of a flood: `flood-client.js <port> <kind> <connections>` keeps that many connections busy until it is killed.
// It prints a line when the first connection has ended or, for kinds that hold on, when it is open.
import { connect } from 'node:net';

const [port, kind = '', connections] = process.argv.slice(2);
const BODY = 'x'.repeat(60_000);
const HEAD = '\r\nHost: flood\r\n';
const GET = `GET /readyz HTTP/1.1${HEAD}\r\n`;

/** What each connection sends. */
const WORDS = {
  posts: `POST /readyz HTTP/1.1${HEAD}Content-Length: ${BODY.length}\r\n\r\n${BODY}`,
  chunked: `POST /readyz HTTP/1.1${HEAD}Transfer-Encoding: chunked\r\n\r\nea60\r\n${BODY}\r\n`.repeat(2),
  'gets with a body': `GET /readyz HTTP/1.1${HEAD}Content-Length: ${BODY.length}\r\n\r\n${BODY}`,
  gets: `GET /readyz HTTP/1.1${HEAD}Connection: close\r\n\r\n`,
  scrapes: `GET /metrics HTTP/1.1${HEAD}Connection: close\r\n\r\n`,
  'long heads': `GET /readyz HTTP/1.1${HEAD}X: ${BODY}\r\n\r\n`,
  'many fields': `GET /readyz HTTP/1.1${HEAD}${'A: b\r\n'.repeat(9_000)}\r\n`,
  'TLS and noise': `\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03${'\xff\0'.repeat(30_000)}`,
  pipelined: GET.repeat(1_500),
  'unread answers': `GET /metrics HTTP/1.1${HEAD}\r\nGET /statusz HTTP/1.1${HEAD}\r\n`.repeat(500),
  'slow heads': `GET /readyz HTTP/1.1${HEAD}X: ${'x'.repeat(4_000)}`,
  'silent connections': '',
};
const words = WORDS[kind];
if (words === undefined) throw new Error(`unknown flood: ${kind}`);
/** Kinds whose clients neither read nor leave. */
const HOLDS_ON = ['unread answers', 'slow heads', 'silent connections'].includes(kind);

let told = false;
function tell() {
  if (!told) process.stdout.write('under way\n');
  told = true;
}

function open() {
  const socket = connect({ host: '127.0.0.1', port: Number(port) });
  socket.on('error', () => {});
  if (words !== '') socket.write(words, 'latin1');
  if (HOLDS_ON) socket.once('connect', tell).pause();
  else socket.once('close', tell).resume();
  socket.once('close', () => setImmediate(open));
  // A server that has said its last word closes; one that waits for more gets the next request on a new connection.
  if (!HOLDS_ON) socket.once('end', () => socket.destroy());
}

for (let count = 0; count < Number(connections); count += 1) open();
