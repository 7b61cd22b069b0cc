import { connect, createServer, type Socket } from 'node:net';
import type { Endpoint } from './routes.ts';

/** A Service as clients see it: one port, and somebody behind it. */
export type Balancer = AsyncDisposable & { readonly port: number };

/** What became of a connection, by the client's own port: where it was sent, and whether somebody was there. */
export type Carried<E> = {
  readonly client: number;
  readonly endpoint: E | undefined;
  readonly accepted: boolean;
};

/**
 * Carries each connection to the endpoint that `pick` names for it, and leaves it there for as long as it lives. Knows
 * nothing of HTTP, tries nothing again: what goes to a dead endpoint, or to none, is reset.
 */
export function openBalancer<E extends Endpoint>(
  pick: () => E | undefined,
  told: (carried: Carried<E>) => void = () => {},
): Promise<Balancer> {
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (client) => {
    keep(open, client);
    client.on('error', () => {});
    const endpoint = pick();
    const number = client.remotePort ?? 0;
    if (endpoint === undefined) {
      told({ client: number, endpoint, accepted: false });
      client.resetAndDestroy();
      return;
    }
    const { host, port } = endpoint;
    const pod = connect({ host, port, allowHalfOpen: true, noDelay: true });
    keep(open, pod);
    const refused = (): void => {
      told({ client: number, endpoint, accepted: false });
      client.resetAndDestroy();
    };
    pod.once('error', refused);
    pod.once('connect', () => {
      pod.off('error', refused);
      told({ client: number, endpoint, accepted: true });
      join(client, pod);
      pod.pipe(client);
      client.pipe(pod);
    });
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // A burst after a stall of this machine is not to be lost in the queue.
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

/** An abrupt end of one is the end of the other; pipe() has carried an orderly one. */
function join(one: Socket, other: Socket): void {
  one.on('error', () => other.destroy());
  other.on('error', () => one.destroy());
}
