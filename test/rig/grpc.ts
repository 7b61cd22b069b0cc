import {
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { HealthImplementation, type ServingStatus } from 'grpc-health-check';

export type HealthService = AsyncDisposable & {
  readonly port: number;
  readonly setStatus: (service: string, status: ServingStatus) => void;
};

/** The gRPC project's server with its health service; null: without it. */
export async function serveGrpc(
  statuses: Readonly<Record<string, ServingStatus>> | null,
  address = '127.0.0.1:0',
  tls: { readonly key: string; readonly cert: string } | null = null,
): Promise<HealthService> {
  const server = new Server();
  const health = new HealthImplementation({ ...statuses });
  if (statuses !== null) health.addToServer(server);
  const port = await new Promise<number>((resolve, reject) => {
    const credentials =
      tls === null
        ? ServerCredentials.createInsecure()
        : ServerCredentials.createSsl(null, [{ private_key: Buffer.from(tls.key), cert_chain: Buffer.from(tls.cert) }]);
    server.bindAsync(address, credentials, (error, bound) => (error === null ? resolve(bound) : reject(error)));
  });
  return {
    port,
    setStatus: (service, status) => health.setStatus(service, status),
    async [Symbol.asyncDispose]() {
      server.forceShutdown();
    },
  };
}

export type RawHttp2 = AsyncDisposable & { readonly port: number };

/** An HTTP/2 server that answers each call with `answer`, in gRPC or not. */
export async function serveHttp2(
  answer: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void,
  tls: { readonly key: string; readonly cert: string } | null = null,
): Promise<RawHttp2> {
  const server: Http2Server | Http2SecureServer = tls === null ? createServer() : createSecureServer(tls);
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on('error', () => {});
    answer(stream, headers);
  });
  server.on('sessionError', () => {});
  await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1' }, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
