import type { Dispatcher } from 'undici';
import { bracketed, type Header, hostsOf, type ProbeHost, portOf } from '../config/probe-spec.ts';
import type { Probe, ProbeAnswer } from './answer.ts';
import { connectFailure } from './tcp.ts';

/** As for the kubelet: net/http follows ten redirects, pkg/probe/http reads 10 KiB of a body. */
const MAX_REDIRECTS = 10;
const MAX_BODY = 10 * 1024;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

type HttpMethod = 'GET' | 'POST';
/** What is requested; `headers` are the user's. */
export type HttpProbeTarget = {
  readonly url: URL;
  readonly host: ProbeHost;
  readonly headers: readonly Header[];
  readonly method?: HttpMethod;
};

type HttpReply = { readonly status: number; readonly location: string | null };

/**
 * Passes when a request (GET, or what `method` says) is answered with 200 to 399. By the kubelet's rules (pkg/probe/http/http.go),
 * redirects to the same host are followed and a redirect to another host passes; certificates are not verified. Each request
 * has its own connection, because a kept one may lead to a process that no longer serves new clients.
 */
export function httpProbe({ url, host, headers, method = 'GET' }: HttpProbeTarget, userAgent: string): Probe {
  const request: HttpRequest = { method, headers: headersFor(headers, userAgent) };
  return async (cancelled) => {
    let failure: ProbeAnswer = { kind: 'failed', reason: 'no address to try' };
    for (const address of hostsOf(host)) {
      const first = new URL(url);
      first.hostname = bracketed(address);
      try {
        return await follow(first, request, cancelled);
      } catch (error) {
        failure = failureOf(error as NodeJS.ErrnoException);
        // A second address is tried only where nothing listens on the first.
        if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED') break;
      }
    }
    return failure;
  };
}

type HttpRequest = { readonly method: HttpMethod; readonly headers: string[] };

/**
 * The user's headers, and those defaults of the kubelet that the user did not set; an empty `Accept` is not sent. In Node's raw
 * form: name, value, name, value …
 */
function headersFor(given: readonly Header[], userAgent: string): string[] {
  const names = new Set(given.map(([name]) => name.toLowerCase()));
  const defaults = [
    ['user-agent', userAgent],
    ['accept', '*/*'],
  ] as const;
  return [
    ...given.filter(([name, value]) => value !== '' || name.toLowerCase() !== 'accept'),
    ...defaults.filter(([name]) => !names.has(name)),
    ['connection', 'close'],
  ].flat();
}

async function follow(first: URL, request: HttpRequest, cancelled: AbortSignal): Promise<ProbeAnswer> {
  let url = first;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const reply = await send(url, request, cancelled);
    if (reply.status < 200 || reply.status >= 400) return { kind: 'failed', reason: `HTTP ${reply.status}` };
    if (!REDIRECTS.has(reply.status) || reply.location === null) return { kind: 'passed' };
    if (!URL.canParse(reply.location, url)) return { kind: 'failed', reason: 'redirected to an invalid URL' };
    const next = new URL(reply.location, url);
    if (next.hostname !== first.hostname || !/^https?:$/.test(next.protocol)) return { kind: 'passed' };
    url = next;
  }
  return { kind: 'failed', reason: `more than ${MAX_REDIRECTS} redirects` };
}

function failureOf(error: NodeJS.ErrnoException & { readonly at?: string }): ProbeAnswer {
  const at = error.at ?? 'the app';
  if (error.name === 'AbortError' || error.code === 'UND_ERR_ABORTED')
    return { kind: 'failed', reason: `${at} did not answer` };
  // Not every error of the parser has a code.
  if (error.name === 'HTTPParserError') return { kind: 'failed', reason: `${at} does not speak HTTP` };
  if (error.code === undefined) throw error;
  if (error.code === 'UND_ERR_SOCKET')
    return { kind: 'failed', reason: `${at} closed the connection without an answer` };
  return connectFailure(error, at);
}

/** Resolves with status and location once the whole body has come, or 10 KiB of it. */
async function send(url: URL, { method, headers }: HttpRequest, cancelled: AbortSignal): Promise<HttpReply> {
  // Only the class that is needed: undici's main entry would load fetch, WebSocket and caches too.
  const { default: Client } = await import('undici/lib/dispatcher/client.js');
  const client = new Client(url.origin, {
    pipelining: 0,
    allowH2: false,
    connect: { rejectUnauthorized: false },
  });
  try {
    return await new Promise<HttpReply>((resolve, reject) => {
      let reply: HttpReply | null = null;
      let received = 0;
      const abort = (): void => {
        client.destroy().catch(() => {});
        reject(Object.assign(new Error('aborted'), { name: 'AbortError' }));
      };
      if (cancelled.aborted) abort();
      cancelled.addEventListener('abort', abort, { once: true });
      const done = (): void => cancelled.removeEventListener('abort', abort);
      const handler: Dispatcher.DispatchHandler = {
        onRequestStart() {},
        onResponseStart(_controller, status, headers) {
          const location = headers['location'];
          reply = { status, location: typeof location === 'string' ? location : null };
        },
        onResponseData(_controller, chunk) {
          received += chunk.length;
          if (received < MAX_BODY || reply === null) return;
          done();
          resolve(reply);
        },
        onResponseEnd() {
          done();
          if (reply !== null) resolve(reply);
        },
        onResponseError(_controller, error) {
          done();
          reject(error);
        },
      };
      client.dispatch(
        {
          path: `${url.pathname}${url.search}`,
          method,
          headers,
        },
        handler,
      );
    });
  } catch (error) {
    throw Object.assign(error as Error, { at: `${url.hostname}:${portOf(url)}` });
  } finally {
    client.destroy().catch(() => {});
  }
}
