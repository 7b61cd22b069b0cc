import { createServer as createHttpServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** A server in the test, for http and tcp probes, which need not probe the app. */
export type Target = AsyncDisposable & {
  readonly port: number;
  /** The number of connections so far. */
  readonly connections: () => number;
};

/** A received request. `connection`: the number of its connection, from 1. */
export type ReceivedRequest = {
  readonly url: string;
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly connection: number;
};
export type HttpTarget = Target & { readonly requests: readonly ReceivedRequest[] };

/** A loopback address that no other test run uses, so that every port is free on it. */
export function ownAddress(number: number): string {
  return `127.${64 + number}.${(process.pid >> 8) & 255}.${process.pid & 255}`;
}

export type Where = { readonly host?: string; readonly port?: number };

/** Serves HTTP, or HTTPS with a certificate, and records each request before it is answered. */
export async function serveHttp(
  answer: RequestListener,
  where: Where = {},
  tls: { readonly key: string; readonly cert: string } | null = null,
): Promise<HttpTarget> {
  const requests: ReceivedRequest[] = [];
  const numbers = new WeakMap<object, number>();
  const listener: RequestListener = (request, response) => {
    const { url = '', method = '', headers, socket } = request;
    requests.push({ url, method, headers, connection: numbers.get(socket) ?? 0 });
    response.on('error', () => {});
    answer(request, response);
  };
  let count = 0;
  const number = (socket: Socket): void => {
    count += 1;
    numbers.set(socket, count);
  };
  const server = tls === null ? createHttpServer(listener) : createHttpsServer(tls, listener);
  server.on(tls === null ? 'connection' : 'secureConnection', number);
  return { ...(await listenOn(server, where)), requests };
}

/** Serves TCP: calls `greet` with each connection. */
export function serveTcp(greet: (socket: Socket) => void, where: Where = {}): Promise<Target> {
  return listenOn(createServer(greet), where);
}

async function listenOn(server: Server, { host = '127.0.0.1', port = 0 }: Where): Promise<Target> {
  const open = new Set<Socket>();
  let count = 0;
  server.on('connection', (socket: Socket) => {
    count += 1;
    open.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host }, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => count,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
}
