/** A TCP connection as the kernel tells it, seen from its local end. */
export type Connection = {
  /** The same as long as it is this connection, and no other's. */
  readonly key: number;
  /** States of the kernel's include/net/tcp_states.h. */
  readonly state: number;
  /** Both ends are of this machine, as with k8s-run's own probes. */
  readonly isFromHere: boolean;
  readonly remotePort: number;
  /** Bytes that came and that the app has not read. */
  readonly unread: number;
  /** Bytes that the app wrote and that the other end has not confirmed. */
  readonly unsent: number;
  /** null where only /proc was read. */
  readonly info: ConnectionInfo | null;
};

/** What tcp_info has (include/uapi/linux/tcp.h). */
export type ConnectionInfo = {
  /** When data was last sent and received, in milliseconds before now. */
  readonly sentAgo: number;
  readonly receivedAgo: number;
  /** Of `unsent`, what the kernel has not even tried to send, for the other end is slow. */
  readonly heldBack: number;
};

/** Which local ends are the app's: of each port of one family, all addresses or some. */
export type LocalEnds = ReadonlyMap<number, 'all' | ReadonlySet<string>>;
export type Family = 4 | 6;

export const endKey = (family: Family, port: number): number => family * 65_536 + port;

export const ESTABLISHED = 1;
export const FIN_WAIT1 = 4;
export const FIN_WAIT2 = 5;
export const TIME_WAIT = 6;
export const CLOSE_WAIT = 8;
export const LAST_ACK = 9;
export const LISTEN = 10;
export const CLOSING = 11;
/** What is looked at. A connection still in its handshake (SYN_RECV) is open a round trip later, or a flood. */
export const STATES: readonly number[] = [ESTABLISHED, FIN_WAIT1, FIN_WAIT2, TIME_WAIT, CLOSE_WAIT, LAST_ACK, CLOSING];

/**
 * A response may come in parts. After a longer gap than this between two of them it looks complete. Three seconds are more than
 * servers leave between the parts of a page, and less than the fifteen between two heartbeats of an event stream.
 */
export const RESPONSE_GAP = 3_000;

/** Open: the app can still read from it or write to it, or has closed it while its last bytes are under way. */
export function isOpen({ state, unsent }: Connection): boolean {
  if (state === ESTABLISHED || state === CLOSE_WAIT) return true;
  // The end of the stream is one byte of its own.
  return (state === FIN_WAIT1 || state === LAST_ACK || state === CLOSING) && unsent > 1;
}

/**
 * Whether the end of the app would cut something on an open connection, as far as one moment can show it: bytes that it has not
 * read; data that came after the last that was sent, so a request or a part of one without its answer; or a client so slow that
 * more may wait in the app. What is under way to a client that has merely not confirmed it yet, the kernel delivers without the app. Where the kernel's
 * times cannot be had, every open one counts.
 */
export function isInFlight({ state, unread, info }: Connection): boolean {
  // When the client has closed its side, the end of the stream counts as one byte; it is no request, even if the app never reads it.
  const hungUp = state === CLOSE_WAIT ? 1 : 0;
  return unread > hungUp || info === null || info.heldBack > 0 || info.receivedAgo < info.sentAgo;
}

/** Whether it has, or may be in the middle of a response: bytes not confirmed, or anything at all within RESPONSE_GAP. */
export function isBusy(connection: Connection): boolean {
  const { unsent, info } = connection;
  if (isInFlight(connection) || unsent > 0 || info === null) return true;
  return Math.min(info.sentAgo, info.receivedAgo) < RESPONSE_GAP;
}
