import type { Volume } from './opening.ts';

/** A TCP connection as the kernel lists it, seen from the app's end. */
export type Connection = {
  /** Identifies the connection as long as it exists. */
  readonly key: number;
  /** A state of the kernel's include/net/tcp_states.h. */
  readonly state: number;
  /** Both ends have the same address, as with k8s-run's own probes. */
  readonly isLocal: boolean;
  readonly localPort: number;
  readonly remotePort: number;
  /** Bytes that were received and that the app has not read. */
  readonly unread: number;
  /** Bytes that the app has written and that the client has not acknowledged. */
  readonly unacknowledged: number;
  /** null: only /proc was read. */
  readonly info: ConnectionInfo | null;
};

/** Fields of tcp_info (include/uapi/linux/tcp.h). */
export type ConnectionInfo = {
  /** Milliseconds since data was last sent and received. */
  readonly sentAgo: number;
  readonly receivedAgo: number;
  /** The part of `unacknowledged` that the kernel has not sent yet, because the client reads slowly. */
  readonly notSent: number;
  /** null: before Linux 4.6. */
  readonly volume: Volume | null;
};

export type IpVersion = 4 | 6;

/** The local endpoints of the app: for each `endpointKey` all addresses, or some. */
export type LocalEndpoints = ReadonlyMap<number, 'all' | ReadonlySet<string>>;

/** The key of a local port: `IpVersion * 65,536 + port`. */
export const endpointKey = (version: IpVersion, port: number): number => version * 65_536 + port;

export const ESTABLISHED = 1;
export const FIN_WAIT1 = 4;
export const FIN_WAIT2 = 5;
export const TIME_WAIT = 6;
export const CLOSE_WAIT = 8;
export const LAST_ACK = 9;
export const CLOSING = 11;
/** The states that are counted. Not SYN_RECV: such a connection is open a round trip later, or part of a SYN flood. */
export const COUNTED_STATES: readonly number[] = [
  ESTABLISHED,
  FIN_WAIT1,
  FIN_WAIT2,
  TIME_WAIT,
  CLOSE_WAIT,
  LAST_ACK,
  CLOSING,
];

/**
 * Milliseconds without data after which a response counts as finished. Three seconds are longer than the gaps between the
 * parts of a page, and shorter than the fifteen seconds between the heartbeats of event streams.
 */
export const RESPONSE_GAP = 3_000;

/** Whether the app can still read or write, or has closed it and its last bytes are not acknowledged yet. */
export function isOpen({ state, unacknowledged }: Connection): boolean {
  if (state === ESTABLISHED || state === CLOSE_WAIT) return true;
  // The FIN counts as one byte.
  return (state === FIN_WAIT1 || state === LAST_ACK || state === CLOSING) && unacknowledged > 1;
}

/**
 * Whether an open connection has a request in flight at this moment, which the exit of the app would cut: bytes that the app
 * has not read; data that was received after the last data was sent; or a client that reads so slowly that the app may have
 * more to write. Data that only lacks its acknowledgement does not count, because the kernel delivers it without the app.
 * Without tcp_info every open connection counts.
 */
export function isInFlight({ state, unread, info }: Connection): boolean {
  // The FIN of a client that has closed counts as one unread byte, which is no request.
  const fin = state === CLOSE_WAIT ? 1 : 0;
  return unread > fin || info === null || info.notSent > 0 || info.receivedAgo < info.sentAgo;
}

/** Whether a request or a response is under way for certain, without the kernel's times: bytes are unread or not acknowledged. */
export function isCertain({ state, unread, unacknowledged }: Connection): boolean {
  // A FIN counts as one byte in either direction.
  const ownFin = state === FIN_WAIT1 || state === LAST_ACK || state === CLOSING ? 1 : 0;
  return unread > (state === CLOSE_WAIT ? 1 : 0) || unacknowledged > ownFin;
}

/** Whether a request is in flight, or may be: bytes are not acknowledged, or data was sent or received within RESPONSE_GAP. */
export function isBusy(connection: Connection): boolean {
  const { unacknowledged, info } = connection;
  if (isInFlight(connection) || unacknowledged > 0 || info === null) return true;
  return Math.min(info.sentAgo, info.receivedAgo) < RESPONSE_GAP;
}
