import { type Agent, type IncomingMessage, type RequestOptions, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Outcome } from './tally.ts';

/** Where requests go, and from which ports. */
export type Target = {
  readonly host: string;
  readonly port: number;
  /**
   * The port of each new connection on this side; the kernel chooses where there is none. It chooses one again after a while,
   * which connection tracking may still hold to be a connection to somebody who is gone.
   */
  readonly nextPort?: () => number | undefined;
};

export type Call = {
  readonly target: Target;
  readonly path: string;
  /** Whose connection is used; a new one, closed afterwards, where there is none. */
  readonly agent?: Agent;
  /** A body, sent in equal parts over this many milliseconds. */
  readonly upload?: { readonly bytes: number; readonly parts: number; readonly ms: number };
  /** What the whole answer ends with. */
  readonly ending: string;
};

/** A request that hears nothing for so long has failed. */
const SILENCE = 30_000;

/** One request. Nothing is tried again, so what fails here has failed for the user. */
export async function call({ target, path, agent, upload, ending }: Call): Promise<Outcome> {
  const { host, port, nextPort } = target;
  const localPort = agent === undefined ? nextPort?.() : undefined;
  // A port of its own was wanted, and there is none left.
  if (agent === undefined && nextPort !== undefined && localPort === undefined) return 'EADDRNOTAVAIL';
  const from = localPort === undefined ? {} : { localPort };
  const options: RequestOptions = { host, port, path, agent: agent ?? false, timeout: SILENCE, ...from };
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
  /** Milliseconds from the opening to our close, and between what we say. */
  readonly ms: number;
  readonly every: number;
};

/** One WebSocket: says something again and again, and wants to hear each of it back before it closes. */
export function converse({ target, ms, every }: Conversation): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://${target.host}:${target.port}/`);
    let said = 0;
    let heard = 0;
    let state: 'opening' | 'open' | 'closing' = 'opening';
    let speaking: NodeJS.Timeout | undefined;
    let closing: NodeJS.Timeout | undefined;
    const say = (): void => {
      said += 1;
      socket.send(String(said));
    };
    const close = (): void => {
      state = 'closing';
      clearInterval(speaking);
      // What is on its way is waited for: it closes once the last answer is here.
      if (heard === said) socket.close();
    };
    socket.addEventListener('open', () => {
      state = 'open';
      say();
      speaking = setInterval(say, every);
      closing = setTimeout(close, ms);
    });
    socket.addEventListener('message', ({ data }) => {
      heard += 1;
      if (data !== String(heard)) socket.close(4_000, 'out of order');
      else if (state === 'closing' && heard === said) socket.close();
    });
    socket.addEventListener('error', () => {});
    socket.addEventListener('close', ({ wasClean }) => {
      clearInterval(speaking);
      clearTimeout(closing);
      if (state === 'opening') resolve('not opened');
      else if (state === 'closing' && heard === said) resolve(null);
      else resolve(wasClean ? 'closed' : 'cut');
    });
  });
}
