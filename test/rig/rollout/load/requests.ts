import { type Agent, type IncomingMessage, type RequestOptions, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Outcome } from './request-counts.ts';

/** Where requests go, and from which local ports. */
export type Target = {
  readonly host: string;
  readonly port: number;
  /**
   * The local port of each new connection; without it the kernel chooses. The kernel reuses ports, and connection tracking may
   * still have an old connection of that port to a pod that is gone.
   */
  readonly nextPort?: () => number | undefined;
};

export type Call = {
  readonly target: Target;
  readonly path: string;
  /** The agent whose connection is used; without it a new connection, which is closed afterwards. */
  readonly agent?: Agent;
  /** A body, sent in equal parts over this many milliseconds. */
  readonly upload?: { readonly bytes: number; readonly parts: number; readonly ms: number };
  /** The end of a complete response. */
  readonly ending: string;
};

/** Milliseconds without data after which a request fails. */
const SILENCE_LIMIT = 30_000;

/** Makes one request, without retries, so a failure here is a failure for the user. */
export async function call({ target, path, agent, upload, ending }: Call): Promise<Outcome> {
  const { host, port, nextPort } = target;
  const localPort = agent === undefined ? nextPort?.() : undefined;
  // All local ports of the plan are used.
  if (agent === undefined && nextPort !== undefined && localPort === undefined) return 'EADDRNOTAVAIL';
  const from = localPort === undefined ? {} : { localPort };
  const options: RequestOptions = { host, port, path, agent: agent ?? false, timeout: SILENCE_LIMIT, ...from };
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const message = request({ ...options, method: upload === undefined ? 'GET' : 'POST' }, (response) => {
    read(response, ending, resolve);
  });
  message.setNoDelay(true);
  message.once('timeout', () => message.destroy(new Error('no answer')));
  message.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  if (upload === undefined) message.end();
  else {
    message.setHeader('content-length', upload.bytes);
    const part = Buffer.alloc(upload.bytes / upload.parts);
    for (let sent = 0; sent < upload.parts && !message.destroyed; sent += 1) {
      message.write(part);
      await sleep(upload.ms / upload.parts);
    }
    message.end();
  }
  return promise;
}

function read(response: IncomingMessage, ending: string, resolve: (outcome: Outcome) => void): void {
  let text = '';
  response.setEncoding('utf8').on('data', (part: string) => {
    text = (text + part).slice(-ending.length);
  });
  response.once('end', () => {
    if (response.statusCode !== 200) resolve(`status ${response.statusCode}`);
    else resolve(text === ending ? null : 'cut short');
  });
  response.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
}

export type Conversation = {
  readonly target: Target;
  /** Milliseconds from the opening to our close, and between our messages. */
  readonly ms: number;
  readonly every: number;
};

/** Opens a WebSocket, sends messages, and closes it when each has been echoed. */
export function converse({ target, ms, every }: Conversation): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://${target.host}:${target.port}/`);
    let sentCount = 0;
    let echoed = 0;
    let state: 'opening' | 'open' | 'closing' = 'opening';
    let sending: NodeJS.Timeout | undefined;
    let closing: NodeJS.Timeout | undefined;
    const send = (): void => {
      sentCount += 1;
      socket.send(String(sentCount));
    };
    const close = (): void => {
      state = 'closing';
      clearInterval(sending);
      // It closes when the last echo has come.
      if (echoed === sentCount) socket.close();
    };
    socket.addEventListener('open', () => {
      state = 'open';
      send();
      sending = setInterval(send, every);
      closing = setTimeout(close, ms);
    });
    socket.addEventListener('message', ({ data }) => {
      echoed += 1;
      if (data !== String(echoed)) socket.close(4_000, 'out of order');
      else if (state === 'closing' && echoed === sentCount) socket.close();
    });
    socket.addEventListener('error', () => {});
    socket.addEventListener('close', ({ wasClean }) => {
      clearInterval(sending);
      clearTimeout(closing);
      if (state === 'opening') resolve('not opened');
      else if (state === 'closing' && echoed === sentCount) resolve(null);
      else resolve(wasClean ? 'closed' : 'cut');
    });
  });
}
