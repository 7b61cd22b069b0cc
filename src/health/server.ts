import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Port } from './port.ts';
import { type HealthReport, type HealthResponse, isScrape, pathOf, respond } from './render.ts';

/** The sources of the responses, and the listeners for what happens to them. */
export type HealthServerDeps = {
  readonly report: () => HealthReport;
  /** The response to a scrape, in the format that the Accept header prefers. */
  readonly metrics: (accept: string) => Promise<HealthResponse>;
  /** A response was sent. `path`: an endpoint's, or `other`. */
  readonly answered: (path: string, status: number) => void;
  readonly faulted: (error: Error) => void;
};

/**
 * A kubelet, a few scrapers and a mesh need a handful. Beyond this the oldest is closed, so that a flood never keeps the
 * kubelet out.
 */
const MAX_CONNECTIONS = 256;
/** Milliseconds that a client has to send the head of a request; the kubelet's default timeout is one second. */
const HEADERS_TIMEOUT = 5_000;
const KEEP_ALIVE_TIMEOUT = 5_000;
const MAX_HEADER_BYTES = 8 * 1024;
/** A client that sends more requests than this without reading the responses is disconnected, because they are kept in memory. */
const MAX_PENDING = 32;
/** Bytes; the head of a usual request takes one or two slices. */
const SLICE = 512;
const CHECK_EVERY = 1_000;

/** Serves the endpoints on the port, from memory. Read-only: no request changes anything. */
export function serveHealth(port: Port, deps: HealthServerDeps): void {
  const pending = new WeakMap<Socket, number>();
  const http = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: HEADERS_TIMEOUT,
      requestTimeout: HEADERS_TIMEOUT,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
      connectionsCheckingInterval: CHECK_EVERY,
    },
    (request, response) => {
      const { socket } = request;
      // Requests of the slice that was being parsed still come after the connection was closed.
      if (socket.destroyed) return;
      const count = (add: number): number => {
        const sum = (pending.get(socket) ?? 0) + add;
        pending.set(socket, sum);
        return sum;
      };
      response.once('close', () => count(-1));
      if (count(1) > MAX_PENDING) socket.destroy();
      else reply(request, response, deps);
    },
  );
  http.on('error', deps.faulted);
  http.on('connect', (_request, socket) => socket.end('HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD\r\n\r\n'));
  // `port` accepts the sockets, so this event makes http begin its checks for slow clients.
  http.emit('listening');
  const open = new Set<Socket>();
  port.serveWith((socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    if (open.size > MAX_CONNECTIONS) open.values().next().value?.destroy();
    http.emit('connection', socket);
    parseInSlices(socket, deps.faulted);
  });
}

/**
 * Node's parser handles all of one read, which is up to 64 KiB or thousands of small requests, before the connection can be
 * closed. With small slices it stops where the connection was closed. What throws in it is caught here: the parser is shared
 * by all connections, so the exception would reach the event loop outside any fault domain.
 */
function parseInSlices(socket: Socket, faulted: HealthServerDeps['faulted']): void {
  const [parse] = socket.listeners('data');
  if (parse === undefined) return;
  socket.removeListener('data', parse as (chunk: Buffer<ArrayBuffer>) => void);
  socket.on('data', (chunk: Buffer<ArrayBuffer>) => {
    for (let start = 0; start < chunk.length && !socket.destroyed; start += SLICE) {
      // http has paused the socket until its responses are sent.
      if (socket.isPaused()) {
        socket.unshift(chunk.subarray(start));
        return;
      }
      try {
        parse.call(socket, chunk.subarray(start, start + SLICE));
      } catch (error) {
        socket.destroy();
        faulted(error as Error);
      }
    }
  });
}

function reply(request: IncomingMessage, response: ServerResponse, deps: HealthServerDeps): void {
  const { method = '', url = '/', headers } = request;
  const failed = (error: unknown): void => {
    deps.faulted(error as Error);
    deps.answered(pathOf(url), 500);
    if (response.headersSent) response.destroy();
    else response.writeHead(500).end();
  };
  const send = ({ status, type, body, allow }: HealthResponse): void => {
    try {
      response.writeHead(status, {
        'content-type': type,
        'content-length': Buffer.byteLength(body),
        'cache-control': 'no-store',
        ...(allow === undefined ? {} : { allow }),
        // A request body is not read, so the connection cannot be used again.
        ...(headers['content-length'] || headers['transfer-encoding'] ? { connection: 'close' } : {}),
      });
      response.end(method === 'HEAD' ? undefined : body);
      deps.answered(pathOf(url), status);
    } catch (error) {
      failed(error);
    }
  };
  try {
    const query = { method, target: url, accept: headers.accept ?? '' };
    if (isScrape(query)) deps.metrics(query.accept).then(send, failed);
    else send(respond(query, deps.report));
  } catch (error) {
    failed(error);
  }
}
