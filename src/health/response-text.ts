import type { HealthResponse } from './render.ts';
import type { RequestHead } from './request-head.ts';

/** Seconds for which a connection is kept without a request. */
export const KEEP_ALIVE = 5;

/** The statuses of the health server (RFC 9110, 15), by what a client's log will show. */
const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
  505: 'HTTP Version Not Supported',
};

/** The time of day, as HTTP writes it. */
export const httpDate = (): string => new Date().toUTCString();

/** A response as it goes over the wire. `goesOn`: the connection may be used again. */
export function responseText(
  { method }: Pick<RequestHead, 'method'>,
  { status, type, body, allow, fields = [] }: HealthResponse,
  goesOn: boolean,
): string {
  const lines = [
    `HTTP/1.1 ${status} ${REASONS[status] ?? ''}`,
    ...(type === '' ? [] : [`Content-Type: ${type}`]),
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    ...(allow === undefined ? [] : [`Allow: ${allow}`]),
    ...fields,
    `Date: ${httpDate()}`,
    ...(goesOn ? ['Connection: keep-alive', `Keep-Alive: timeout=${KEEP_ALIVE}`] : ['Connection: close']),
  ];
  return `${lines.join('\r\n')}\r\n\r\n${method === 'HEAD' ? '' : body}`;
}

/** The response to what is no request. */
export function refusal(status: 400 | 408 | 431 | 505): string {
  return responseText({ method: 'GET' }, { status, type: '', body: '' }, false);
}
