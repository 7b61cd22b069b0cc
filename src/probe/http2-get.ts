import { portOf } from '../config/probe-spec.ts';
import type { HttpAnswer } from './http-answer.ts';
import type { HttpFailure, HttpRequest } from './http1.ts';
import { requestByHttp2 } from './http2.ts';

/** Bytes. As much of a body as the kubelet reads (pkg/probe/http). */
const MAX_BODY = 10 * 1024;

/** The request of an HTTP probe in HTTP/2: for an http URL in clear text, for https over TLS. */
export async function getByHttp2(
  url: URL,
  { method, headers }: HttpRequest,
  cancelled: AbortSignal,
): Promise<HttpAnswer | HttpFailure> {
  const lowered = headers.map(([name, value]) => [name.toLowerCase(), value] as const);
  // The name of the host is a pseudo-header here (RFC 9113, 8.3.1).
  const host = lowered.find(([name]) => name === 'host')?.[1] ?? url.host;
  const others = Map.groupBy(
    lowered.filter(([name]) => name !== 'host'),
    ([name]) => name,
  );
  const values = [...others].map(([name, given]) => [name, given.map(([, value]) => value)] as const);
  const request = {
    at: `${url.hostname}:${portOf(url)}`,
    tls: url.protocol === 'https:',
    headers: {
      ':method': method,
      ':path': `${url.pathname}${url.search}`,
      ':authority': host,
      ...Object.fromEntries(values.map(([name, given]) => [name, given.length > 1 ? given : given[0]])),
    },
    body: null,
    maxBody: MAX_BODY,
  };
  try {
    const { headers: answer } = await requestByHttp2(request, cancelled);
    const location = answer['location'];
    return { ok: { status: Number(answer[':status']), location: location ?? null } };
  } catch (error) {
    return refusal(error as NodeJS.ErrnoException);
  }
}

function refusal(error: NodeJS.ErrnoException): HttpAnswer | HttpFailure {
  if (error.message === 'closed') return { problem: 'closed the connection without an answer' };
  // The session of node:http2 fails with these when what came is no frame.
  if (error.code?.startsWith('ERR_HTTP2_') === true) return { problem: 'does not speak HTTP/2' };
  return { error, connected: false };
}
