import { readFileSync } from 'node:fs';
import type { ClientRequest } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import type { Destination } from './settings.ts';

/**
 * Loaded only for https, because node:tls takes memory. The files are read for each request, as a mounted Secret may have been changed. Throws where one
 * cannot be read.
 */
export function secureRequest(to: Destination, options: RequestOptions): ClientRequest {
  const file = (name: 'ca' | 'cert' | 'key', path: string | null): RequestOptions =>
    path === null ? {} : { [name]: readFileSync(path) };
  return request(to.url, {
    ...options,
    ...file('ca', to.certificate),
    ...file('cert', to.clientCertificate),
    ...file('key', to.clientKey),
  });
}
