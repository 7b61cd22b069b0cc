import { connect } from 'node:net';

/** Bytes of the response that are read at most. */
const MAX_RESPONSE = 4_096;

/**
 * Whether a Node inspector listens there: it answers at /json/version with its name (chromedevtools.github.io/devtools-protocol,
 * HTTP endpoints).
 */
export function isInspector(address: string, port: number, cancelled: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const host = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address;
    const socket = connect({ host, port });
    let text = '';
    const settle = (): void => {
      cancelled.removeEventListener('abort', settle);
      socket.destroy();
      resolve(/"Browser":\s*"node\.js\//.test(text));
    };
    if (cancelled.aborted) settle();
    cancelled.addEventListener('abort', settle, { once: true });
    socket.once('connect', () =>
      socket.write('GET /json/version HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'),
    );
    socket.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      if (text.length > MAX_RESPONSE || text.includes('"node.js/')) settle();
    });
    socket.on('error', settle).once('end', settle).once('close', settle);
  });
}
