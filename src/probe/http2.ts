import { type ClientHttp2Session, connect, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2';

/** `tls`: over TLS, without a check of the certificate; else in clear text with prior knowledge (RFC 9113, 3.3). */
export type Http2Request = {
  /** Host and port. */
  readonly at: string;
  readonly tls: boolean;
  readonly headers: OutgoingHttpHeaders;
  /** null: none. */
  readonly body: Buffer | null;
  /** Bytes of the answer's body that are read at most. */
  readonly maxBody: number;
};

/** `headers`: with the trailers. `cut`: there was more of the body. */
export type Http2Answer = { readonly headers: IncomingHttpHeaders; readonly body: Buffer; readonly cut: boolean };
type AnswerListener = { readonly answered: (answer: Http2Answer) => void; readonly failed: (error: Error) => void };

/**
 * Makes one HTTP/2 request on a connection of its own. Rejects with what the connection or the stream failed with; its message is
 * `closed` when the server has closed it without an answer. Loaded only where it is needed, because node:http2 takes megabytes.
 */
export function requestByHttp2(request: Http2Request, cancelled: AbortSignal): Promise<Http2Answer> {
  return new Promise((resolve, reject) => {
    const session = connect(`${request.tls ? 'https' : 'http'}://${request.at}`, {
      settings: { enablePush: false },
      rejectUnauthorized: false,
    });
    const stop = (error: Error): void => {
      reject(error);
      session.destroy();
    };
    const giveUp = (): void => stop(Object.assign(new Error('aborted'), { name: 'AbortError' }));
    session.on('error', stop);
    session.once('close', () => {
      cancelled.removeEventListener('abort', giveUp);
      reject(new Error('closed'));
    });
    if (cancelled.aborted) giveUp();
    else {
      cancelled.addEventListener('abort', giveUp, { once: true });
      send(session, request, { answered: resolve, failed: stop });
    }
  });
}

function send(session: ClientHttp2Session, request: Http2Request, { answered, failed }: AnswerListener): void {
  const stream = session.request(request.headers, { endStream: request.body === null });
  let headers: IncomingHttpHeaders = {};
  const parts: Buffer[] = [];
  let received = 0;
  const add = (more: IncomingHttpHeaders): void => {
    headers = { ...headers, ...more };
  };
  stream.on('response', add);
  stream.on('trailers', add);
  stream.on('data', (part: Buffer) => {
    received += part.length;
    parts.push(part);
    if (received < request.maxBody) return;
    answered({ headers, body: Buffer.concat(parts), cut: true });
    session.destroy();
  });
  // When the connection has failed, its error is the cause.
  stream.on('error', (error) => failed(error.cause instanceof Error ? error.cause : error));
  stream.once('end', () => {
    if (headers[':status'] === undefined) return failed(new Error('closed'));
    answered({ headers, body: Buffer.concat(parts), cut: false });
    session.close();
  });
  if (request.body !== null) stream.end(request.body);
}
