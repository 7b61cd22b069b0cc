import { type ClientRequest, type IncomingMessage, type RequestOptions, request } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { Cancel } from '../clock.ts';
import type { Destination } from './settings.ts';

/** What became of one request; `https://opentelemetry.io/docs/specs/otlp/#otlphttp-response`. */
export type PostResult =
  /** `remark`: of a partial success: how much was rejected, and why. */
  | { readonly kind: 'accepted'; readonly remark: string | null }
  /** It is worth another try; after so many milliseconds, if the server says so. `isThere`: whether there was an answer at all. */
  | { readonly kind: 'failed'; readonly reason: string; readonly afterMs: number | null; readonly isThere: boolean }
  /** `isTooLarge`: fewer of the same may be taken. */
  | { readonly kind: 'refused'; readonly reason: string; readonly isTooLarge: boolean };

export type Post = (body: Uint8Array, to: Destination) => Promise<PostResult>;

const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const TOO_LARGE = 413;
/** Bytes of an answer that are read: more than any collector sends. */
const MOST_OF_ANSWER = 64 * 1_024;
const MOST_OF_REMARK = 300;

/**
 * Sends one request on a connection of its own: there is one every few seconds at most, and a kept one may lead to a collector that is
 * gone. Resolves in any case.
 */
export function createPost(userAgent: string, after: (delay: number, call: () => void) => Cancel): Post {
  return async (body, to) => {
    try {
      // Not in the thread pool, which cannot be started at the pids limit, and a batch takes a millisecond.
      const bytes = to.compression === 'gzip' ? gzipSync(body) : body;
      const options: RequestOptions = { method: 'POST', agent: false, headers: headersOf(to, bytes.length, userAgent) };
      const open =
        to.url.protocol === 'https:'
          ? (await import('./secure-request.ts')).secureRequest
          : (_: Destination, how: RequestOptions): ClientRequest => request(to.url, how);
      return await exchange(open(to, options), bytes, to.timeout, after);
    } catch (error) {
      return failed((error as Error).message);
    }
  };
}

/** Headers that tell how the request is sent, and not what it is. */
const OF_THE_CONNECTION = new Set([
  'connection',
  'expect',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** The headers of the user replace none of those that describe the body or the connection: the request would not arrive. */
function headersOf(to: Destination, length: number, userAgent: string): Record<string, string | number> {
  return {
    'user-agent': userAgent,
    ...Object.fromEntries(
      to.headers
        .map(([name, value]) => [name.toLowerCase(), value])
        .filter(([name = '']) => !OF_THE_CONNECTION.has(name)),
    ),
    'content-type': 'application/json',
    'content-length': length,
    ...(to.compression === 'gzip' ? { 'content-encoding': 'gzip' } : {}),
  };
}

function exchange(
  sent: ClientRequest,
  bytes: Uint8Array,
  timeout: number,
  after: (delay: number, call: () => void) => Cancel,
): Promise<PostResult> {
  return new Promise((resolve) => {
    const settle = (result: PostResult): void => {
      cancel();
      resolve(result);
      sent.destroy();
    };
    // What the head of an answer says counts, also where its body never ends: data that were taken must not be sent again.
    let read = (): void => settle(failed(`no answer within ${timeout} ms`));
    const cancel = after(timeout, () => read());
    sent.on('error', (error: NodeJS.ErrnoException) => settle(failed(reasonOf(error))));
    sent.once('response', (answer: IncomingMessage) => {
      let text = '';
      read = () => settle(resultOf(answer, text));
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        if (text.length > MOST_OF_ANSWER) read();
      });
      answer.once('end', read).once('close', read).on('error', read);
    });
    sent.end(bytes);
  });
}

const failed = (reason: string): PostResult => ({ kind: 'failed', reason, afterMs: null, isThere: false });

/** Of several addresses, each with its error, the error has no text of its own. */
function reasonOf(error: NodeJS.ErrnoException | AggregateError): string {
  // What a server of gRPC sends first is a frame of HTTP/2, and one of TLS an alert.
  if ('code' in error && error.code === 'HPE_INVALID_CONSTANT')
    return 'it does not speak HTTP/1.1: in most collectors the port for OTLP over HTTP is 4318, and 4317 that for gRPC; with TLS the URL begins with https';
  const [first] = 'errors' in error ? (error.errors as readonly Error[]) : [];
  return error.message || first?.message || ('code' in error ? (error.code ?? '') : '') || 'unknown error';
}

function resultOf({ statusCode = 0, headers }: IncomingMessage, text: string): PostResult {
  if (statusCode >= 200 && statusCode < 300) return { kind: 'accepted', remark: remarkIn(text) };
  const reason = `HTTP ${statusCode}`;
  if (RETRYABLE.has(statusCode)) return { kind: 'failed', reason, afterMs: delayIn(headers), isThere: true };
  return { kind: 'refused', reason: `${reason}${hint(statusCode)}`, isTooLarge: statusCode === TOO_LARGE };
}

function hint(status: number): string {
  if (status === 404) return ', which is no OTLP endpoint: the port for OTLP over HTTP is 4318 in most collectors';
  if (status === 415) return ': it does not take OTLP in JSON, or not with gzip; see OTEL_EXPORTER_OTLP_COMPRESSION';
  if (status === 401 || status === 403) return ': it wants other credentials; see OTEL_EXPORTER_OTLP_HEADERS';
  return status >= 300 && status < 400 ? ': redirects are not followed' : '';
}

/** `Retry-After` (RFC 9110, 10.2.3): seconds, or a date, which is meant by the clock of the server. */
function delayIn({ 'retry-after': text = '', date = '' }: IncomingMessage['headers']): number | null {
  if (/^\d{1,6}$/.test(text.trim())) return Number(text) * 1_000;
  const delay = Date.parse(text) - Date.parse(date);
  return Number.isNaN(delay) ? null : Math.max(0, delay);
}

/** What a collector says of data that it has not taken, or not liked. */
function remarkIn(text: string): string | null {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    return null;
  }
  const { partialSuccess } = Object(answer) as { readonly partialSuccess?: Readonly<Record<string, unknown>> };
  const { rejectedSpans, rejectedLogRecords, errorMessage } = partialSuccess ?? {};
  const rejected = Number(rejectedSpans ?? rejectedLogRecords ?? 0);
  const message = typeof errorMessage === 'string' ? errorMessage.slice(0, MOST_OF_REMARK) : '';
  if (!(rejected > 0) && message === '') return null;
  return `${rejected > 0 ? `${rejected} ${rejectedSpans === undefined ? 'log records' : 'spans'} rejected` : 'accepted with a remark'}${message === '' ? '' : `: ${message}`}`;
}
