import { createServer, type Server, type Socket } from 'node:net';

/**
 * The health port. It is opened with `net` alone before the app starts, so that a port in use is reported before anything
 * runs, and early clients wait instead of being refused. health/server.ts serves HTTP on it later.
 */
export type Port = {
  readonly server: Server;
  /** As bound, for the log: `http://[::]:20080`. */
  readonly url: string;
  readonly port: number;
  /** Hands over the connections that were accepted before, and all later ones. */
  readonly serveWith: (serve: (socket: Socket) => void) => void;
};

/** HTTP is there within a turn of the event loop; only where it cannot be loaded do more wait. */
const MAX_EARLY = 16;

/** Binds the port. Rejects with an error message that names the likely cause and the remedy. */
export function openPort(port: number, host: string): Promise<Port> {
  return new Promise((resolve, reject) => {
    const early: Socket[] = [];
    let serve = (socket: Socket): void => {
      if (early.push(socket) > MAX_EARLY) early.shift()?.destroy();
    };
    // Nothing is read until there is somebody to read it.
    const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (socket) => {
      // Without this listener a reset by the client would be an uncaught exception.
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
    server.once('error', (error: NodeJS.ErrnoException) => reject(new Error(bindError(error, port, host))));
    // Without a host Node binds `::` for both families, or 0.0.0.0 where there is no IPv6.
    server.listen(host === '::' ? { port } : { port, host });
    // It is bound already unless that failed, so the start of the app need not wait for a turn of the event loop.
    if (server.listening) done();
    else server.once('listening', done);
  });
}

const CAUSES: Readonly<Record<string, string>> = {
  EADDRINUSE:
    "the address is in use (containers of one pod, its sidecars, and pods on the host's network share their ports); give each its own --health-port, 0 for any free one, or off",
  EACCES: 'a port below 1024 needs CAP_NET_BIND_SERVICE; set --health-port to a higher one',
  EADDRNOTAVAIL: 'no interface has this address; check --health-host',
  ENOTFOUND: 'no such host; check --health-host',
};

function bindError(error: NodeJS.ErrnoException, port: number, host: string): string {
  return `cannot open the health port ${port} on ${host.includes(':') ? `[${host}]` : host}: ${CAUSES[error.code ?? ''] ?? error.message}`;
}
