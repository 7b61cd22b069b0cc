import { connect, type Socket } from 'node:net';
import { bracketed, hostsOf, type ProbeHost } from '../config/probe-spec.ts';
import type { Probe, ProbeAnswer } from './answer.ts';

/** Passes when a connection is accepted; it is then closed at once with FIN, and nothing is sent. */
export function tcpProbe(host: ProbeHost, port: number): Probe {
  return async (cancelled) => {
    let failure: ProbeAnswer = { kind: 'failed', reason: 'no address to try' };
    for (const address of hostsOf(host)) {
      const problem = await tryConnection(address, port, cancelled);
      if (problem === null) return { kind: 'passed' };
      failure = problem;
      if (cancelled.aborted) break;
    }
    return failure;
  };
}

/** Errors of this machine or of k8s-run: they say nothing about the app. */
const LOCAL_ERRORS = new Set([
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
  'EADDRNOTAVAIL',
  'EAI_AGAIN',
  'EPERM',
  'EACCES',
]);

/** Connects once; null when the connection was accepted. When a name has several addresses, node:net tries each (RFC 8305). */
export function tryConnection(address: string, port: number, cancelled: AbortSignal): Promise<ProbeAnswer | null> {
  return new Promise((resolve) => {
    const at = `${bracketed(address)}:${port}`;
    const socket = connect({ host: address, port });
    const giveUp = (): void => {
      settle({ kind: 'failed', reason: `${at} did not answer` });
    };
    const settle = (answer: ProbeAnswer | null): void => {
      cancelled.removeEventListener('abort', giveUp);
      if (answer === null) close(socket);
      else socket.destroy();
      resolve(answer);
    };
    if (cancelled.aborted) giveUp();
    cancelled.addEventListener('abort', giveUp, { once: true });
    socket.once('connect', () =>
      settle(isSelfConnection(socket) ? { kind: 'failed', reason: `nothing listens on ${at}` } : null),
    );
    socket.on('error', (error: NodeJS.ErrnoException) => settle(connectFailure(error, at)));
  });
}

/** Milliseconds to wait until the server closes its end too. */
const CLOSE_TIMEOUT = 1_000;

/**
 * Reads until the server closes its end too. A server whose greeting is not read would get a reset, and simple servers exit
 * because of that.
 */
function close(socket: Socket): void {
  socket.setTimeout(CLOSE_TIMEOUT, () => socket.destroy());
  socket.resume();
  socket.end();
}

/**
 * TCP lets a socket connect to itself where nothing listens, when the kernel chooses the probed port as its local port. Go's
 * net package checks for it too (selfConnect in tcpsock_posix.go).
 */
function isSelfConnection({ localAddress, localPort, remoteAddress, remotePort }: Socket): boolean {
  return localPort === remotePort && localAddress === remoteAddress;
}

/** The answer for a connection that failed. */
export function connectFailure(error: NodeJS.ErrnoException, at: string): ProbeAnswer {
  const code = error.code ?? error.message;
  if (code === 'ECONNREFUSED') return { kind: 'failed', reason: `nothing listens on ${at}` };
  if (code === 'ECONNRESET') return { kind: 'failed', reason: `${at} reset the connection` };
  return { kind: LOCAL_ERRORS.has(code) ? 'broken' : 'failed', reason: `cannot connect to ${at}: ${code}` };
}

/** The answer for a TLS handshake that failed; null: the error is of another kind. `plain`: the form of a probe without TLS. */
export function tlsFailure(error: NodeJS.ErrnoException, at: string, plain: string): ProbeAnswer | null {
  const code = error.code ?? '';
  if (/^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|UNSUPPORTED_PROTOCOL|HTTP_REQUEST)$/.test(code))
    return { kind: 'failed', reason: `${at} does not speak TLS; if it needs none, write ${plain}://` };
  if (!/^(ERR_SSL_|ERR_TLS_|EPROTO$)/.test(code)) return null;
  return { kind: 'failed', reason: `the TLS handshake with ${at} failed: ${code}` };
}
