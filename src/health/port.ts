import { createServer, type Server, type Socket } from 'node:net';

/**
 * The health port, taken with `net` alone before the app starts: a taken port is found first, and what connects early
 * waits instead of being refused. health/server.ts speaks HTTP on it later.
 */
export type Port = {
  readonly server: Server;
  /** As bound, for people: `http://[::]:20080`. */
  readonly url: string;
  readonly port: number;
  /** Hands over the connections that came before, and all that come after. */
  readonly serveWith: (serve: (socket: Socket) => void) => void;
};

/** Binds; rejects with the sentence that names the likely causes. */
export function openPort(port: number, host: string): Promise<Port> {
  return new Promise((resolve, reject) => {
    const early: Socket[] = [];
    let serve = (socket: Socket): void => {
      early.push(socket);
    };
    const server = createServer((socket) => {
      // Without a listener the reset of a client would be an exception.
      socket.on('error', () => socket.destroy());
      serve(socket);
    });
    const done = (): void => {
      const bound = server.address();
      if (bound === null || typeof bound === 'string') return;
      const shown = bound.address.includes(':') ? `[${bound.address}]` : bound.address;
      resolve({
        server,
        port: bound.port,
        url: `http://${shown}:${bound.port}`,
        serveWith(next) {
          serve = next;
          for (const socket of early.splice(0)) if (!socket.destroyed) next(socket);
        },
      });
    };
    server.once('error', (error: NodeJS.ErrnoException) => reject(new Error(refusal(error, port, host))));
    // Without a host Node binds `::` for both families at once, and 0.0.0.0 where there is no IPv6.
    server.listen(host === '::' ? { port } : { port, host });
    // Bound already, unless it failed: no need to let the event loop turn before the app is started.
    if (server.listening) done();
    else server.once('listening', done);
  });
}

const CAUSES: Readonly<Record<string, string>> = {
  EADDRINUSE:
    "the address is in use. Containers of one pod, sidecars, and pods on the host's network share their ports: give each its own --health-port, 0 for any free one, or off",
  EACCES: 'not permitted; ports below 1024 need CAP_NET_BIND_SERVICE: give --health-port a higher one',
  EADDRNOTAVAIL: 'no interface has this address; check --health-host',
  ENOTFOUND: 'no such host; check --health-host',
};

function refusal(error: NodeJS.ErrnoException, port: number, host: string): string {
  return `cannot open the health port ${port} on ${host.includes(':') ? `[${host}]` : host}: ${CAUSES[error.code ?? ''] ?? error.message}`;
}
