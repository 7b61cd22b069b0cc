import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Port } from './port.ts';
import { answer, type Report } from './render.ts';

/** What the server needs: the report to answer from, and who hears of its own faults. */
export type HealthTools = { readonly report: () => Report; readonly faulted: (error: Error) => void };

/** A kubelet, a few scrapers and a mesh need a handful; beyond this the oldest is closed, so that a flood never shuts the kubelet out. */
const MAX_CONNECTIONS = 256;
/** A slow client has this long for its head; kubelet's default time-out is a second. */
const HEADERS_TIMEOUT = 5_000;
const KEEP_ALIVE_TIMEOUT = 5_000;
const MAX_HEADER_BYTES = 8 * 1024;
const CHECK_EVERY = 1_000;

/** Answers on the port from memory. Read-only: nothing that is sent here changes anything. */
export function serveHealth(port: Port, tools: HealthTools): void {
  const http = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: HEADERS_TIMEOUT,
      requestTimeout: HEADERS_TIMEOUT,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
      connectionsCheckingInterval: CHECK_EVERY,
    },
    (request, response) => reply(request, response, tools),
  );
  http.on('error', tools.faulted);
  // The sockets are accepted by `port`; this event is what starts http's watch over slow ones.
  http.emit('listening');
  const open = new Set<Socket>();
  port.serveWith((socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    // Without a listener the reset of a client would be an exception.
    socket.on('error', () => socket.destroy());
    if (open.size > MAX_CONNECTIONS) open.values().next().value?.destroy();
    http.emit('connection', socket);
  });
}

function reply(request: IncomingMessage, response: ServerResponse, { report, faulted }: HealthTools): void {
  try {
    const { method = '', url = '/', headers } = request;
    const { status, type, body, allow } = answer({ method, target: url, accept: headers.accept ?? '' }, report);
    response.writeHead(status, {
      'content-type': type,
      'content-length': Buffer.byteLength(body),
      'cache-control': 'no-store',
      ...(allow === undefined ? {} : { allow }),
      // Whoever sent a body is not waited for.
      ...(headers['content-length'] || headers['transfer-encoding'] ? { connection: 'close' } : {}),
    });
    response.end(method === 'HEAD' ? undefined : body);
  } catch (error) {
    faulted(error as Error);
    response.writeHead(500).end();
  }
}
