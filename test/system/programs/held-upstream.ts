import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An HTTP server that holds each request for `/held` until it is released; other paths are answered at once. */
export type HeldUpstream = AsyncDisposable & {
  readonly port: number;
  readonly held: () => number;
  readonly release: () => void;
};

export async function heldUpstream(): Promise<HeldUpstream> {
  const held = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    response.setHeader('connection', 'close');
    if (request.url !== '/held') return response.end('hello\n');
    held.add(response);
    response.on('close', () => held.delete(response));
    return undefined;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    held: () => held.size,
    release: () => {
      for (const response of held) response.end('released\n');
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
