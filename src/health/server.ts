import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Port } from './port.ts';
import { type HealthReport, type HealthResponse, isScrape, pathOf, respond } from './render.ts';

/** What the server needs: what to answer from, who counts the answers, and who hears of its own faults. */
export type HealthTools = {
  readonly report: () => HealthReport;
  /** The answer to a scrape, in the format that the Accept header asks for. */
  readonly metrics: (accept: string) => Promise<HealthResponse>;
  /** `path` is an endpoint's, or `other`. */
  readonly answered: (path: string, status: number) => void;
  readonly faulted: (error: Error) => void;
};

/** A kubelet, a few scrapers and a mesh need a handful; beyond this the oldest is closed, so that a flood never shuts the kubelet out. */
const MAX_CONNECTIONS = 256;
/** A slow client has this long for its head; kubelet's default time-out is a second. */
const HEADERS_TIMEOUT = 5_000;
const KEEP_ALIVE_TIMEOUT = 5_000;
const MAX_HEADER_BYTES = 8 * 1024;
/** Who sends more than this without reading the answers is hung up on: they would all be kept in memory. */
const MAX_UNANSWERED = 32;
/** Bytes; the head of a usual request in one or two. */
const SLICE = 512;
const CHECK_EVERY = 1_000;

/** Answers on the port from memory. Read-only: nothing that is sent here changes anything. */
export function serveHealth(port: Port, tools: HealthTools): void {
  const unanswered = new WeakMap<Socket, number>();
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
      // What came in the same slice is still handed over after the connection was closed.
      if (socket.destroyed) return;
      const count = (add: number): number => {
        const sum = (unanswered.get(socket) ?? 0) + add;
        unanswered.set(socket, sum);
        return sum;
      };
      response.once('close', () => count(-1));
      if (count(1) > MAX_UNANSWERED) socket.destroy();
      else reply(request, response, tools);
    },
  );
  http.on('error', tools.faulted);
  http.on('connect', (_request, socket) => socket.end('HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD\r\n\r\n'));
  // The sockets are accepted by `port`; this event is what starts http's watch over slow ones.
  http.emit('listening');
  const open = new Set<Socket>();
  port.serveWith((socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    if (open.size > MAX_CONNECTIONS) open.values().next().value?.destroy();
    http.emit('connection', socket);
    parseInSlices(socket, tools.faulted);
  });
}

/**
 * Node's parser takes all that came in one read, 64 KiB and thousands of small requests, before anybody can hang up. Given
 * little at a time, it stops where the connection was closed. What throws in it would reach the event loop with no room
 * to its name: the parser, which is shared by all, does not carry one.
 */
function parseInSlices(socket: Socket, faulted: HealthTools['faulted']): void {
  const [parse] = socket.listeners('data');
  if (parse === undefined) return;
  socket.removeListener('data', parse as (chunk: Buffer<ArrayBuffer>) => void);
  socket.on('data', (chunk: Buffer<ArrayBuffer>) => {
    for (let start = 0; start < chunk.length && !socket.destroyed; start += SLICE) {
      // http wants no more until its answers have left.
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

function reply(request: IncomingMessage, response: ServerResponse, tools: HealthTools): void {
  const { method = '', url = '/', headers } = request;
  const failed = (error: unknown): void => {
    tools.faulted(error as Error);
    tools.answered(pathOf(url), 500);
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
        // Whoever sent a body is not waited for.
        ...(headers['content-length'] || headers['transfer-encoding'] ? { connection: 'close' } : {}),
      });
      response.end(method === 'HEAD' ? undefined : body);
      tools.answered(pathOf(url), status);
    } catch (error) {
      failed(error);
    }
  };
  try {
    const question = { method, target: url, accept: headers.accept ?? '' };
    if (isScrape(question)) tools.metrics(question.accept).then(send, failed);
    else send(respond(question, tools.report));
  } catch (error) {
    failed(error);
  }
}
