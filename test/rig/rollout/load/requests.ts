import { type Agent, type IncomingMessage, type RequestOptions, request } from 'node:http';
import { request as requestOverTls } from 'node:https';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Outcome } from './request-counts.ts';

/** `h2`: HTTP/2 over TLS, and WebSockets over TLS and HTTP/1.1, as browsers do where a server has no others. */
export type Protocol = 'http' | 'https' | 'h2';

/** Where requests go, and from which local ports. */
export type Target = {
  readonly host: string;
  readonly port: number;
  readonly protocol: Protocol;
  /**
   * The local port of each new connection; without it the kernel chooses. The kernel reuses ports, and connection tracking may
   * still have an old connection of that port to a pod that is gone.
   */
  readonly nextPort?: () => number | undefined;
};

export type Call = {
  readonly path: string;
  /** A body, sent in equal parts over this many milliseconds. */
  readonly upload?: { readonly bytes: number; readonly parts: number; readonly ms: number };
  /** The end of a complete response. */
  readonly ending: string;
};

/** Makes one request, without retries, so a failure here is a failure for the user. */
export type Connection = (call: Call) => Promise<Outcome>;

/** Milliseconds without data after which a request fails. */
export const SILENCE_LIMIT = 30_000;

/** The local port of a new connection, as an option of node:net; null: all ports of the plan are used. */
export function localPort({ nextPort }: Target): { readonly localPort?: number } | null {
  if (nextPort === undefined) return {};
  const port = nextPort();
  return port === undefined ? null : { localPort: port };
}

/** HTTP/1.1, over TLS where the target speaks it. `agent`: whose connection is used; without it a new one for each request. */
export function overHttp1(target: Target, agent?: Agent): Connection {
  const { host, port, protocol } = target;
  const ask = protocol === 'http' ? request : requestOverTls;
  return ({ path, upload, ending }) => {
    const from = agent === undefined ? localPort(target) : {};
    if (from === null) return Promise.resolve('EADDRNOTAVAIL');
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const options: RequestOptions = { host, port, path, agent: agent ?? false, timeout: SILENCE_LIMIT, ...from };
    const message = ask({ ...options, method: upload === undefined ? 'GET' : 'POST' }, (response: IncomingMessage) =>
      read(response, ending, (isWhole) => {
        if (response.statusCode !== 200) resolve(`status ${response.statusCode}`);
        else resolve(isWhole ? null : 'cut short');
      }).catch((error: NodeJS.ErrnoException) => resolve(error.code ?? error.message)),
    );
    message.setNoDelay(true);
    message.once('timeout', () => message.destroy(new Error('no answer')));
    message.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    if (upload !== undefined) message.setHeader('content-length', upload.bytes);
    void send(message, upload);
    return promise;
  };
}

export async function send(body: Writable, upload: Call['upload']): Promise<void> {
  if (upload !== undefined) {
    const part = Buffer.alloc(upload.bytes / upload.parts);
    for (let sent = 0; sent < upload.parts && !body.destroyed; sent += 1) {
      body.write(part);
      await sleep(upload.ms / upload.parts);
    }
  }
  body.end();
}

/** Calls `over` at the end of the body, with whether it ends as it must. */
export function read(body: Readable, ending: string, over: (isWhole: boolean) => void): Promise<never> {
  let text = '';
  body.setEncoding('utf8').on('data', (part: string) => {
    text = (text + part).slice(-ending.length);
  });
  body.once('end', () => over(text === ending));
  return new Promise((_, reject) => body.once('error', reject));
}
