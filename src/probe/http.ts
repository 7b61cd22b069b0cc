import { bracketed, type Header, hostsOf, type ProbeHost, portOf } from '../config/probe-spec.ts';
import type { Probe, ProbeAnswer } from './answer.ts';
import type { HttpAnswer } from './http-answer.ts';
import { type HttpFailure, type HttpRequest, requestByHttp1 } from './http1.ts';
import { connectFailure, tlsFailure } from './tcp.ts';

/** As Go's net/http follows them for the kubelet. */
const MAX_REDIRECTS = 10;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** What is requested; `headers` are the user's. */
export type HttpProbeTarget = {
  readonly url: URL;
  readonly host: ProbeHost;
  readonly headers: readonly Header[];
  readonly method?: HttpRequest['method'];
  /** In HTTP/2 over clear text, as with the kubelet's `protocol: HTTP2`. */
  readonly h2c?: true;
};

type HttpReply = Extract<HttpAnswer, { ok: unknown }>['ok'];
type Failure = { readonly answer: ProbeAnswer; readonly nobodyListens: boolean };

/**
 * Passes when a request (GET, or what `method` says) is answered with 200 to 399. By the kubelet's rules (pkg/probe/http/http.go),
 * redirects to the same host are followed and a redirect to another host passes; certificates are not verified. Each request
 * has its own connection, because a kept one may lead to a process that no longer serves new clients.
 */
export function httpProbe({ url, host, headers, method = 'GET', h2c }: HttpProbeTarget, userAgent: string): Probe {
  const request: HttpRequest = { method, headers: headersFor(headers, userAgent) };
  const send = h2c === true ? requestInClearHttp2 : requestByHttp;
  return async (cancelled) => {
    let failure: ProbeAnswer = { kind: 'failed', reason: 'no address to try' };
    for (const address of hostsOf(host)) {
      const first = new URL(url);
      first.hostname = bracketed(address);
      const { answer, nobodyListens } = await follow(first, (next) => send(next, request, cancelled));
      failure = answer;
      // A second address is tried only where nothing listens on the first.
      if (!nobodyListens) break;
    }
    return failure;
  };
}

/** The user's headers, and those defaults of the kubelet that the user did not set; an empty `Accept` is not sent. */
function headersFor(given: readonly Header[], userAgent: string): readonly Header[] {
  const names = new Set(given.map(([name]) => name.toLowerCase()));
  const defaults: readonly Header[] = [
    ['user-agent', userAgent],
    ['accept', '*/*'],
  ];
  return [
    ...given.filter(([name, value]) => value !== '' || name.toLowerCase() !== 'accept'),
    ...defaults.filter(([name]) => !names.has(name)),
  ];
}

async function follow(first: URL, send: (url: URL) => Promise<HttpAnswer | HttpFailure>): Promise<Failure> {
  const answered = (answer: ProbeAnswer): Failure => ({ answer, nobodyListens: false });
  const failed = (reason: string): Failure => answered({ kind: 'failed', reason });
  let url = first;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const reply = await send(url);
    if ('error' in reply) return failureOf(reply, url);
    if ('problem' in reply) return failed(`${addressOf(url)} ${reply.problem}`);
    const { status, location }: HttpReply = reply.ok;
    if (status < 200 || status >= 400) return failed(`HTTP ${status}`);
    if (!REDIRECTS.has(status) || !location) return answered({ kind: 'passed' });
    if (!URL.canParse(location, url)) return failed('redirected to an invalid URL');
    const next = new URL(location, url);
    if (next.hostname !== first.hostname) return answered({ kind: 'passed' });
    if (!/^https?:$/.test(next.protocol)) return failed(`redirected to ${next.protocol}//, which is not HTTP`);
    url = next;
  }
  return failed(`more than ${MAX_REDIRECTS} redirects`);
}

const NO_HTTP1 = 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL';

/** In HTTP/1.1; over TLS in HTTP/2 where the server has nothing else. */
async function requestByHttp(
  url: URL,
  request: HttpRequest,
  cancelled: AbortSignal,
): Promise<HttpAnswer | HttpFailure> {
  const reply = await requestByHttp1(url, request, cancelled);
  if (!('error' in reply) || reply.error.code !== NO_HTTP1) return reply;
  const { getByHttp2 } = await import('./http2-get.ts');
  return getByHttp2(url, request, cancelled);
}

async function requestInClearHttp2(
  url: URL,
  request: HttpRequest,
  cancelled: AbortSignal,
): Promise<HttpAnswer | HttpFailure> {
  const { getByHttp2 } = await import('./http2-get.ts');
  return getByHttp2(url, request, cancelled);
}

function failureOf({ error, connected }: HttpFailure, url: URL): Failure {
  const at = addressOf(url);
  const failed = (reason: string): Failure => ({ answer: { kind: 'failed', reason }, nobodyListens: false });
  if (error.name === 'AbortError') return failed(`${at} did not answer`);
  const handshake = tlsFailure(error, at, 'http');
  if (handshake !== null) return { answer: handshake, nobodyListens: false };
  if (connected && error.code !== 'ECONNRESET')
    return failed(`the connection to ${at} broke: ${error.code ?? error.message}`);
  return { answer: connectFailure(error, at), nobodyListens: error.code === 'ECONNREFUSED' };
}

function addressOf(url: URL): string {
  return `${url.hostname}:${portOf(url)}`;
}
