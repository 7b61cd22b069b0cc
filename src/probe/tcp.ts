import { connect, type Socket } from 'node:net';
import { bracketed, hostsOf, type ProbeHost } from '../config/probe-spec.ts';
import type { Probe, ProbeAnswer } from './answer.ts';

/** Passes when a connection is accepted; it is closed at once in good order, with nothing said. */
export function tcpProbe(host: ProbeHost, port: number): Probe {
  return async (cancelled) => {
    let refusal: ProbeAnswer = { kind: 'failed', reason: 'no address to try' };
    for (const address of hostsOf(host)) {
      const problem = await tryConnection(address, port, cancelled);
      if (problem === null) return { kind: 'passed' };
      refusal = problem;
      if (cancelled.aborted) break;
    }
    return refusal;
  };
}

/** Errors that tell of this machine or of k8s-run, not of the app: no answer may be drawn from them. */
const OWN_TROUBLE = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL', 'EAI_AGAIN', 'EPERM', 'EACCES']);

/** Connects once; null when it was accepted. Of a name's several addresses node:net tries each (RFC 8305). */
export function tryConnection(address: string, port: number, cancelled: AbortSignal): Promise<ProbeAnswer | null> {
  return new Promise((resolve) => {
    const at = `${bracketed(address)}:${port}`;
    const socket = connect({ host: address, port });
    const giveUp = (): void => {
      settle({ kind: 'failed', reason: `${at} did not answer` });
    };
    const settle = (answer: ProbeAnswer | null): void => {
      cancelled.removeEventListener('abort', giveUp);
      if (answer === null) hangUp(socket);
      else socket.destroy();
      resolve(answer);
    };
    if (cancelled.aborted) giveUp();
    cancelled.addEventListener('abort', giveUp, { once: true });
    socket.once('connect', () =>
      settle(isItself(socket) ? { kind: 'failed', reason: `nothing listens on ${at}` } : null),
    );
    socket.on('error', (error: NodeJS.ErrnoException) => settle(refusalOf(error, at)));
  });
}

/** A server that greets first gets a reset when its greeting is not read, and simple ones die of that: read until it hangs up too. */
const GOODBYE_LIMIT = 1_000;

function hangUp(socket: Socket): void {
  socket.setTimeout(GOODBYE_LIMIT, () => socket.destroy());
  socket.resume();
  socket.end();
}

/** TCP lets a socket connect to itself where nothing listens and the port is one that is handed out (Go's net looks for it too). */
function isItself({ localAddress, localPort, remoteAddress, remotePort }: Socket): boolean {
  return localPort === remotePort && localAddress === remoteAddress;
}

/** The words for a connection that was not accepted. */
export function refusalOf(error: NodeJS.ErrnoException, at: string): ProbeAnswer {
  const code = error.code ?? error.message;
  if (code === 'ECONNREFUSED') return { kind: 'failed', reason: `nothing listens on ${at}` };
  if (code === 'ECONNRESET') return { kind: 'failed', reason: `${at} reset the connection` };
  if (OWN_TROUBLE.has(code)) return { kind: 'broken', reason: `cannot connect to ${at}: ${code}` };
  return { kind: 'failed', reason: `cannot connect to ${at}: ${code}` };
}
