import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import type { Outcome } from './request-counts.ts';
import { type Call, type Connection, localPort, read, SILENCE_LIMIT, send, type Target } from './requests.ts';

/** HTTP/2 over TLS on a new connection, which is closed afterwards. */
export function newSession(target: Target): Connection {
  return insisting(async (call) => {
    const from = localPort(target);
    if (from === null) return 'EADDRNOTAVAIL';
    const { session, failed } = open(target, from);
    const outcome = await Promise.race([ask(session, call), failed]);
    session.close();
    return outcome;
  });
}

/** All requests at once on one connection, and on a new one once the server has asked to leave or it has ended. */
export function keptSession(target: Target): Connection {
  let kept: ReturnType<typeof open> | undefined;
  return insisting((call) => {
    if (kept === undefined || kept.session.closed || kept.session.destroyed) kept = open(target, {});
    const { session, failed } = kept;
    return Promise.race([ask(session, call), failed]);
  });
}

/** How often a request that was refused is sent at the most. */
const MOST_TRIES = 3;

/**
 * What was refused because it crossed a GOAWAY was processed by nobody (RFC 9113, 6.8 and 8.7) and is sent on a new connection, as
 * clients do. Node's own client refuses it when GOAWAY comes before it has written the request.
 */
function insisting(once: (call: Call) => Promise<Outcome | typeof REFUSED>): Connection {
  return async (call) => {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const outcome = await once(call);
      if (outcome !== REFUSED) return outcome;
    }
    return 'refused';
  };
}

/** A request that was not processed; the server has asked to leave. */
const REFUSED: unique symbol = Symbol('refused');

/** `failed` resolves with the error that ended the connection, when one has. */
function open(
  { host, port }: Target,
  from: { readonly localPort?: number },
): { readonly session: ClientHttp2Session; readonly failed: Promise<Outcome> } {
  const session = connect(`https://${host}:${port}`, { ...from, rejectUnauthorized: false });
  const failed = new Promise<Outcome>((resolve) => {
    session.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
  return { session, failed };
}

function ask(session: ClientHttp2Session, { path, upload, ending }: Call): Promise<Outcome | typeof REFUSED> {
  return new Promise((resolve) => {
    const method = upload === undefined ? 'GET' : 'POST';
    const length = upload === undefined ? {} : { 'content-length': upload.bytes };
    const stream: ClientHttp2Stream = session.request({ ':path': path, ':method': method, ...length });
    let status: unknown;
    stream.once('response', (headers) => {
      status = headers[':status'];
    });
    const isRefused = (): boolean =>
      stream.rstCode === constants.NGHTTP2_REFUSED_STREAM && status === undefined && session.closed;
    stream.setTimeout(SILENCE_LIMIT, () => stream.destroy(new Error('no answer')));
    read(stream, ending, (isWhole) => {
      if (status === undefined) return;
      if (status !== 200) resolve(`status ${status}`);
      else resolve(isWhole ? null : 'cut short');
    }).catch((error: NodeJS.ErrnoException) => resolve(isRefused() ? REFUSED : (error.code ?? error.message)));
    // A reset may end it with neither an end nor an error.
    stream.once('close', () => resolve(isRefused() ? REFUSED : 'cut'));
    void send(stream, upload);
  });
}
