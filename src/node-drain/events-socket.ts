import { randomBytes } from 'node:crypto';
import { type AddressInfo, createServer, Server, type Socket } from 'node:net';

/** What a reader is sent, one JSON object per line. `phase`: see docs/reference.md. */
export type EventLine = { readonly event: string; readonly phase: string } & Readonly<Record<string, unknown>>;

export type EventsSocket = {
  /** The value of K8S_RUN_EVENTS for the app: `@` and the name of an abstract Unix socket (unix(7)). */
  readonly address: string;
  /** Sends the line to every reader. */
  readonly publish: (line: EventLine) => void;
  /** Sets the line that a new reader is sent first: the present state. */
  readonly presentBy: (present: () => EventLine) => void;
  readonly readers: () => number;
  /** Why there is no port, if there should be one. */
  readonly noPort: string | null;
};

const LOOPBACK = { port: 0, host: '127.0.0.1' } as const;
/** A few readers of the app, and a person who looks. More are a mistake, and must not cost memory. */
const MOST_READERS = 16;
/** With `--node-drain` every worker of node:cluster and every worker thread that serves is one. */
const MOST_WORKERS = 256;
/** Bytes that a reader may leave unread: some hundred lines. Then it is dropped, because the others must not wait for it. */
const MOST_UNREAD = 64 * 1_024;

/**
 * Opens the socket of `--events` and `--node-drain`. It is an abstract Unix socket, because that needs no folder that can be
 * written, and ends with the process. It is read only: what a reader sends is discarded. Every process in the network namespace
 * can connect to it, as to the health port.
 *
 * `withPort`: opens a port of the loopback address as well and ends the name in it, for Node before 21 (see preload.ts). A pod may
 * have no such address, and other Nodes do without. Rejects when the socket cannot be opened, with the error of listen(2).
 */
export async function openEventsSocket({ withPort }: { readonly withPort: boolean }): Promise<EventsSocket> {
  const readers = new Set<Socket>();
  let present: () => EventLine = () => ({ event: 'state', phase: 'preparing' });
  const send = (socket: Socket, line: EventLine): void => {
    socket.write(`${JSON.stringify(line)}\n`);
    if (socket.writableLength > MOST_UNREAD) socket.destroy();
  };
  const accept = (socket: Socket): void => {
    if (readers.size >= (withPort ? MOST_WORKERS : MOST_READERS)) {
      socket.destroy();
      return;
    }
    readers.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => readers.delete(socket));
    socket.resume();
    send(socket, present());
  };
  const id = randomBytes(8).toString('hex');
  const port = withPort ? await listen(createServer(accept), LOOPBACK).catch((error: Error) => error) : null;
  const name = `k8s-run-${id}${port instanceof Server ? `-${(port.address() as AddressInfo).port}` : ''}`;
  await listen(createServer(accept), { path: `\0${name}` });
  return {
    address: `@${name}`,
    publish(line) {
      for (const reader of readers) send(reader, line);
    },
    presentBy(next) {
      present = next;
    },
    readers: () => readers.size,
    noPort: port instanceof Error ? port.message : null,
  };
}

function listen(server: Server, where: { path: string } | { port: number; host: string }): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, () => {
      server.off('error', reject);
      // A failed accept(2), such as EMFILE, is no reason to end: readers can do without.
      server.on('error', () => {});
      server.unref();
      resolve(server);
    });
  });
}
