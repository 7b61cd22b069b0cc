import { connect, createServer, type Socket } from 'node:net';
import type { Endpoint } from './routes.ts';

/** A Service as its clients see it: one port in front of the endpoints. */
export type Balancer = AsyncDisposable & { readonly port: number };

/** A connection of a client: its own port, the endpoint that it was routed to, and whether that accepted it. */
export type RoutedConnection<E> = {
  readonly clientPort: number;
  readonly endpoint: E | undefined;
  readonly accepted: boolean;
};

/**
 * Forwards each connection to the endpoint that `pick` names for it, for as long as the connection lives. It does not look at
 * HTTP and retries nothing: a connection to a dead endpoint, or to none, is reset.
 */
export function openBalancer<E extends Endpoint>(
  pick: () => E | undefined,
  onRouted: (connection: RoutedConnection<E>) => void = () => {},
): Promise<Balancer> {
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (client) => {
    keep(open, client);
    client.on('error', () => {});
    const endpoint = pick();
    const clientPort = client.remotePort ?? 0;
    if (endpoint === undefined) {
      onRouted({ clientPort, endpoint, accepted: false });
      client.resetAndDestroy();
      return;
    }
    const { host, port } = endpoint;
    const pod = connect({ host, port, allowHalfOpen: true, noDelay: true });
    keep(open, pod);
    const refused = (): void => {
      onRouted({ clientPort, endpoint, accepted: false });
      client.resetAndDestroy();
    };
    pod.once('error', refused);
    pod.once('connect', () => {
      pod.off('error', refused);
      onRouted({ clientPort, endpoint, accepted: true });
      joinErrors(client, pod);
      pod.pipe(client);
      client.pipe(pod);
    });
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // A burst after this machine stood still must not be lost in the queue.
    server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, () => {
      const address = server.address();
      if (typeof address !== 'object' || address === null) throw new Error('internal error: no address');
      resolve({
        port: address.port,
        async [Symbol.asyncDispose]() {
          const closed = new Promise((done) => server.close(done));
          for (const socket of open) socket.destroy();
          await closed;
        },
      });
    });
  });
}

function keep(open: Set<Socket>, socket: Socket): void {
  open.add(socket);
  socket.once('close', () => open.delete(socket));
}

/** pipe() forwards an orderly end; an error of one side must end the other, too. */
function joinErrors(one: Socket, other: Socket): void {
  one.on('error', () => other.destroy());
  other.on('error', () => one.destroy());
}
