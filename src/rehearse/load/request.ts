import { connect, type Socket } from 'node:net';
import type { Client, Dispatcher } from 'undici';
import { clock } from '../../clock.ts';

/** How one request went. */
export type RequestResult = {
  /** null: there was no complete response. */
  readonly status: number | null;
  readonly failure: string | null;
  /** The client's own port; 0: there was no connection. */
  readonly localPort: number;
};

/** A connection of one client, for one request at a time. */
export type HttpConnection = { readonly get: (path: string) => Promise<RequestResult>; readonly close: () => void };

export type ConnectionOptions = {
  /** Of the loopback interface. */
  readonly port: number;
  /** Whether the connection stays open between requests. Closed by the server, it is opened again for the next one. */
  readonly keepAlive: boolean;
  /** Milliseconds until a request without a response has failed. */
  readonly timeout: number;
  /** The User-Agent header. */
  readonly agent: string;
};

/** No port, descriptor or memory left on this machine: no failure of the app. */
export const LOCAL_ERRORS: ReadonlySet<string> = new Set([
  'EADDRINUSE',
  'EADDRNOTAVAIL',
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
]);

const FAILURES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection closed',
  UND_ERR_SOCKET: 'connection closed',
  UND_ERR_CLOSED: 'connection closed',
};

/** Nothing is retried: a request that fails here has failed for its client. */
export async function openConnection({ port, keepAlive, timeout, agent }: ConnectionOptions): Promise<HttpConnection> {
  // Only this class is needed; the main entry of undici would load fetch, WebSocket and caches, too.
  const { default: HttpClient } = await import('undici/lib/dispatcher/client.js');
  let localPort = 0;
  const client: Client = new HttpClient(`http://127.0.0.1:${port}`, {
    pipelining: keepAlive ? 1 : 0,
    allowH2: false,
    // Longer than any server keeps a connection: it is the server that closes it.
    keepAliveTimeout: 600_000,
    keepAliveMaxTimeout: 600_000,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect(_options: object, connected: (error: Error | null, socket: Socket | null) => void) {
      const socket = connect({ host: '127.0.0.1', port, noDelay: true });
      const failed = (error: Error): void => connected(error, null);
      socket.once('error', failed);
      socket.once('connect', () => {
        socket.off('error', failed);
        localPort = socket.localPort ?? 0;
        connected(null, socket);
      });
    },
  } as Client.Options);
  const headers = ['user-agent', agent, 'accept', '*/*', ...(keepAlive ? [] : ['connection', 'close'])];
  return {
    close: () => void client.destroy().catch(() => {}),
    get: (path) =>
      new Promise((resolve) => {
        let status: number | null = null;
        let abort = (): void => {};
        const cancel = clock.after(timeout, () => {
          finish({ status: null, failure: `no response in ${timeout / 1_000} s`, localPort });
          abort();
        });
        const finish = (result: RequestResult): void => {
          cancel();
          resolve(result);
        };
        const handler: Dispatcher.DispatchHandler = {
          onRequestStart(controller) {
            abort = () => controller.abort(new Error('no response'));
          },
          onResponseStart(_controller, code) {
            status = code;
          },
          onResponseData() {},
          onResponseEnd: () => finish({ status, failure: null, localPort }),
          onResponseError: (_controller, error) =>
            finish({ status: null, failure: failureOf(error, status), localPort }),
        };
        client.dispatch({ path, method: 'GET', headers }, handler);
      }),
  };
}

function failureOf(error: NodeJS.ErrnoException, status: number | null): string {
  if (error.name === 'HTTPParserError') return 'not HTTP';
  if (status !== null) return 'response cut short';
  return FAILURES[error.code ?? ''] ?? error.code ?? error.message;
}
