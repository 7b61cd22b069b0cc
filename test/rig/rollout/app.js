// The app of the rolling updates. argv[2]: what it does on SIGTERM (dies, drains, ignores). It serves the requests of the load
// (load/kinds.ts) on PORT, and prints its pid once it listens, because a supervisor around it does not report it. PROTOCOL is
// http (default), https, or h2: HTTP/2 over TLS, with HTTP/1.1 for WebSockets. TLS_KEY and TLS_CERT are PEM.
import { createServer } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { upgrade } from './websocket.js';

const [, , onTerm] = process.argv;

const answers = {
  '/ready': (_query, _request, response) => response.end('ready\n'),
  '/work': async (query, _request, response) => {
    await sleep(query.ms);
    response.end('done\n');
  },
  /** Sends nothing until it is finished, so that the connection looks idle to the kernel. */
  '/slow': async (query, _request, response) => {
    await sleep(query.ms);
    response.end('done\n');
  },
  /** Takes the same time, but sends its head and a part of its body early. */
  '/dribble': async (query, _request, response) => {
    for (let part = 0; part < query.parts; part += 1) {
      response.write('.');
      await sleep(query.ms / query.parts);
    }
    response.end('done\n');
  },
  '/upload': async (_query, request, response) => {
    let bytes = 0;
    for await (const part of request) bytes += part.length;
    response.end(`${bytes} bytes\n`);
  },
  /** Server-sent events: one at once, then one every `every` ms, and one that marks the end. */
  '/events': async (query, request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const end = performance.now() + query.ms;
    for (let left = query.ms; left > 0 && !request.destroyed; left = end - performance.now()) {
      response.write('data: tick\n\n');
      await sleep(Math.min(query.every, left));
    }
    response.end('event: end\ndata:\n\n');
  },
};

const { PROTOCOL = 'http', TLS_KEY: key, TLS_CERT: cert } = process.env;
const open = {
  http: (serve) => createServer(serve),
  https: (serve) => createTlsServer({ key, cert }, serve),
  h2: (serve) => createSecureServer({ key, cert, allowHTTP1: true }, serve),
}[PROTOCOL];

let draining = false;
const server = open((request, response) => {
  if (draining && request.httpVersionMajor === 1) response.setHeader('connection', 'close');
  const { pathname, searchParams } = new URL(request.url, 'http://app');
  const query = Object.fromEntries([...searchParams].map(([name, value]) => [name, Number(value)]));
  const answer = answers[pathname];
  if (answer === undefined) response.writeHead(404).end();
  // A client that has disconnected is no error of the app.
  else Promise.resolve(answer(query, request, response)).catch(() => response.destroy());
});
server.on('upgrade', upgrade);
const sessions = new Set();
server.on('session', (session) => {
  sessions.add(session);
  session.once('close', () => sessions.delete(session));
});
// A client of TLS that is gone, or of HTTP/2 that is cut, is no error of the app.
for (const event of ['tlsClientError', 'sessionError']) server.on(event, () => {});
server.listen(Number(process.env.PORT), () => process.stdout.write(`${process.pid}\n`));

switch (onTerm) {
  case 'dies':
    // As PID 1 it would not, because the kernel drops a signal without a handler.
    if (process.pid === 1) process.on('SIGTERM', () => process.exit(143));
    break;
  case 'drains':
    // Accepts no new connection, closes the idle ones, finishes the requests in flight, and then closes their connections:
    // HTTP/2 by GOAWAY.
    process.on('SIGTERM', () => {
      draining = true;
      server.close(() => process.exit(0));
      for (const session of sessions) session.close();
    });
    break;
  case 'ignores':
    process.on('SIGTERM', () => {});
    break;
  default:
    throw new Error(`argv[2] must be dies, drains or ignores, not "${onTerm}"`);
}
