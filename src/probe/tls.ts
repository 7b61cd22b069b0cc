import { isIP, type Socket } from 'node:net';
import { connect } from 'node:tls';

/**
 * Connects for HTTP/1.1 over TLS. Certificates are not verified, as by the kubelet. `name`: of the server, which is told it unless it is an
 * address. Loaded only for https probes, because node:tls takes memory.
 */
export function openTls(host: string, port: number, name: string): Socket {
  const servername = isIP(name) === 0 && !name.startsWith('[') ? { servername: name } : {};
  return connect({ host, port, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'], ...servername });
}
