import { connect, type Socket } from 'node:net';
import type { Client, Dispatcher } from 'undici';
import { clock } from '../../clock.ts';

/** How one request went, and by which local port, 0 where none was had. `status` is null when there was no whole answer. */
export type Reply = { readonly status: number | null; readonly failure: string | null; readonly via: number };

/** A connection that one user keeps, for one request at a time. */
export type Line = { readonly ask: (path: string) => Promise<Reply>; readonly close: () => void };

/** No port or descriptor left here: a want of this machine's, not a failure of the app's. */
export const OWN: ReadonlySet<string> = new Set([
  'EADDRINUSE',
  'EADDRNOTAVAIL',
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
]);

export const NO_HTTP = 'no HTTP';

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection closed',
  UND_ERR_SOCKET: 'connection closed',
  UND_ERR_CLOSED: 'connection closed',
};

/**
 * Opens a line to this port of loopback. With `keep` its connection stays open between requests, and is made anew when the other side has
 * closed it; without, it is closed after each. Nothing is ever tried again: what fails here has failed for the user.
 */
export async function openLine(port: number, keep: boolean, patience: number, agent: string): Promise<Line> {
  // The one class that is needed; undici's front door would load fetch, WebSocket and caches with it.
  const { default: HttpClient } = await import('undici/lib/dispatcher/client.js');
  let via = 0;
  const client: Client = new HttpClient(`http://127.0.0.1:${port}`, {
    pipelining: keep ? 1 : 0,
    allowH2: false,
    // Longer than any server keeps one: it is the server who closes.
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
        via = socket.localPort ?? 0;
        connected(null, socket);
      });
    },
  } as Client.Options);
  const close = (): void => void client.destroy().catch(() => {});
  return {
    close,
    ask: (path) =>
      new Promise((resolve) => {
        let status: number | null = null;
        let abort = (): void => {};
        const cancel = clock.after(patience, () => {
          settle({ status: null, failure: `no answer in ${patience / 1_000} s`, via });
          abort();
        });
        const settle = (reply: Reply): void => {
          cancel();
          resolve(reply);
        };
        const handler: Dispatcher.DispatchHandler = {
          onRequestStart(controller) {
            abort = () => controller.abort(new Error('no answer'));
          },
          onResponseStart(_controller, code) {
            status = code;
          },
          onResponseData() {},
          onResponseEnd: () => settle({ status, failure: null, via }),
          onResponseError: (_controller, error) => settle({ status: null, failure: failureOf(error, status), via }),
        };
        const headers = ['user-agent', agent, 'accept', '*/*', ...(keep ? [] : ['connection', 'close'])];
        client.dispatch({ path, method: 'GET', headers }, handler);
      }),
  };
}

function failureOf(error: NodeJS.ErrnoException, status: number | null): string {
  if (error.name === 'HTTPParserError') return NO_HTTP;
  if (status !== null) return 'answer cut short';
  return WORDS[error.code ?? ''] ?? error.code ?? error.message;
}
