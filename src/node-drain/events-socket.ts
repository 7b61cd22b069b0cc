import { randomBytes } from 'node:crypto';
import { createServer, type Socket } from 'node:net';

/** What a reader is sent, one JSON object a line. */
export type EventLine = { readonly event: string; readonly phase: string } & Readonly<Record<string, unknown>>;

export type EventsSocket = {
  /** What the app finds in K8S_RUN_EVENTS: `@` and the name of an abstract socket (unix(7)). */
  readonly address: string;
  readonly publish: (line: EventLine) => void;
  readonly close: () => void;
};

export type EventsSocketDeps = {
  /** The present state, which a new reader is sent first. */
  readonly present: () => EventLine;
  readonly faulted: (error: Error) => void;
};

/** Workers of one app, and a person who looks; more is a mistake of somebody's, and must not cost memory. */
const MOST_READERS = 16;
/** Bytes that a reader may leave unread: some hundred lines. Then it is dropped, because the others must not wait for it. */
const MOST_UNREAD = 64 * 1_024;

/**
 * Opens the socket of `--events`: an abstract Unix socket, because it needs no folder that can be written and ends with the
 * process. It is read only: what a reader sends is thrown away. Whoever is in the network namespace can connect, as with the
 * health port.
 */
export function openEventsSocket({ present, faulted }: EventsSocketDeps): Promise<EventsSocket> {
  const name = `k8s-run-${process.pid}-${randomBytes(6).toString('hex')}`;
  const readers = new Set<Socket>();
  const send = (socket: Socket, line: EventLine): void => {
    socket.write(`${JSON.stringify(line)}\n`);
    if (socket.writableLength > MOST_UNREAD) socket.destroy();
  };
  const server = createServer((socket) => {
    if (readers.size >= MOST_READERS) {
      socket.destroy();
      return;
    }
    readers.add(socket);
    socket.unref();
    socket.on('error', () => {});
    socket.once('close', () => readers.delete(socket));
    socket.resume();
    send(socket, present());
  });
  server.unref();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path: `\0${name}` }, () => {
      server.off('error', reject);
      server.on('error', faulted);
      resolve({
        address: `@${name}`,
        publish: (line) => {
          for (const reader of readers) send(reader, line);
        },
        close() {
          for (const reader of readers) reader.destroy();
          server.close();
        },
      });
    });
  });
}
