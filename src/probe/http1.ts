import { connect, type Socket } from 'node:net';
import { portOf } from '../config/probe-spec.ts';
import { type HttpAnswer, readHttpAnswer } from './http-answer.ts';

/** `headers` in the order in which they are sent. */
export type HttpRequest = {
  readonly method: 'GET' | 'POST';
  readonly headers: readonly (readonly [name: string, value: string])[];
};

/** Why there was no answer. `connected`: whether the server had accepted the connection, and for https the handshake was over. */
export type HttpFailure = { readonly error: NodeJS.ErrnoException; readonly connected: boolean };

/**
 * Makes one HTTP/1.1 request on a connection of its own, and ends as soon as the answer is known. There is no general client
 * behind it: a probe needs a status and one header, what the kubelet accepts differs from what such clients accept, and it
 * takes less CPU and memory.
 */
export async function requestByHttp1(
  url: URL,
  request: HttpRequest,
  cancelled: AbortSignal,
): Promise<HttpAnswer | HttpFailure> {
  const open = url.protocol === 'https:' ? await tlsOpener(url, request) : () => openPlain(url);
  return new Promise((resolve) => {
    const reader = readHttpAnswer();
    let connected = false;
    const socket = open();
    const settle = (answer: HttpAnswer | HttpFailure): void => {
      cancelled.removeEventListener('abort', abort);
      socket.destroy();
      resolve(answer);
    };
    const abort = (): void => settle({ error: Object.assign(new Error('aborted'), { name: 'AbortError' }), connected });
    if (cancelled.aborted) abort();
    cancelled.addEventListener('abort', abort, { once: true });
    socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
      connected = true;
      socket.write(requestText(url, request), 'latin1');
    });
    socket.setEncoding('latin1').on('data', (bytes: string) => {
      const answer = reader.push(bytes);
      if (answer !== null) settle(answer);
    });
    socket.on('error', (error) => settle({ error, connected }));
    socket.once('end', () => settle(reader.end())).once('close', () => settle(reader.end()));
  });
}

function openPlain(url: URL): Socket {
  return connect({ host: hostOf(url), port: portOf(url) });
}

/** The server's name is that of the Host header, or of the URL. */
async function tlsOpener(url: URL, { headers }: HttpRequest): Promise<() => Socket> {
  const { openTls } = await import('./tls.ts');
  const name = headers.find(([each]) => each.toLowerCase() === 'host')?.[1].replace(/:\d*$/, '') ?? hostOf(url);
  return () => openTls(hostOf(url), portOf(url), name);
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

function requestText(url: URL, { method, headers }: HttpRequest): string {
  const hasHost = headers.some(([name]) => name.toLowerCase() === 'host');
  const lines = [
    `${method} ${url.pathname}${url.search} HTTP/1.1`,
    ...(hasHost ? [] : [`Host: ${url.host}`]),
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(method === 'POST' ? ['Content-Length: 0'] : []),
    'Connection: close',
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}
