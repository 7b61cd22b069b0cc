import { Agent, type ClientRequest, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { soon } from '../../rig/deadline.ts';

/** A client of the app under test: what it began is closed when it is disposed of. */
export type Client = Disposable & {
  /** A request on a connection of its own, or on one that is kept; resolves with the body. */
  readonly get: (path: string, connection?: 'close' | 'keep-alive') => Promise<string>;
  /** Begins an upload of `size` bytes; resolves when half of it was written to its connection. `finish` sends the rest. */
  readonly upload: (size: number) => Promise<{ readonly finish: () => void; readonly answer: Promise<string> }>;
  /** A bare connection, once it is there and `text` was sent on it. */
  readonly open: (text: string) => Promise<Socket>;
};

export function clientOf(port: number, host = '127.0.0.1'): Client {
  const agent = new Agent({ keepAlive: true });
  const sockets = new Set<Socket>();
  const bodyOf = (call: ClientRequest): Promise<string> =>
    new Promise((resolve, reject) => {
      call.on('error', reject).on('response', (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          body += part;
        });
        // A connection that is not kept is closed a little later, and counts until then.
        const { socket } = response;
        const done = (): void => resolve(body);
        if (call.shouldKeepAlive) response.on('end', done);
        else response.on('end', () => (socket.closed ? done() : socket.once('close', done)));
        response.on('error', reject);
      });
    });
  return {
    get(path, connection = 'close') {
      const call = request({ host, port, path, agent: connection === 'close' ? false : agent });
      const body = bodyOf(call);
      call.end();
      return body;
    },
    async upload(size) {
      const headers = { 'content-length': size };
      const call = request({ host, port, path: '/upload', method: 'POST', agent: false, headers });
      const answer = bodyOf(call);
      await soon('half of the upload', new Promise((resolve) => call.write(Buffer.alloc(size / 2), resolve)));
      return { finish: () => call.end(Buffer.alloc(size / 2)), answer };
    },
    open(text) {
      const socket = connect(port, host);
      sockets.add(socket);
      const opened = new Promise<Socket>((resolve, reject) => {
        socket.once('error', reject).once('connect', () => {
          socket.on('error', () => {}).write(text, () => resolve(socket));
        });
      });
      return soon('a connection to the app', opened);
    },
    [Symbol.dispose]() {
      agent.destroy();
      for (const socket of sockets) socket.destroy();
    },
  };
}
