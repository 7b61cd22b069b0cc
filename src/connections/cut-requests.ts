import { CLOSE_WAIT, type Connection, ESTABLISHED, isCertain, isInFlight } from './connection.ts';

/** Counts the connections whose last request the app's end has left without a response. */
export type CutRequests = {
  /**
   * Takes the connections that have ended since the last call, and the present ones. To be called for each count. `isOver`: the app
   * is gone, and the calls come so soon after each other that the kernel may tell an end later than the next.
   */
  readonly note: (ended: readonly Connection[], present: readonly Connection[], isOver?: boolean) => void;
  /** What was cut before now is no work of the app's end, but of clients that gave up. */
  readonly forget: () => void;
  readonly soFar: () => CutSoFar;
};

export type CutSoFar = {
  readonly cut: number;
  /** Connections that had a request in flight, are gone, and of whose end the kernel has not told yet. */
  readonly unknown: number;
  /** Open connections with a request in flight. After the app's end its leftovers have them. */
  readonly inFlight: number;
};

/**
 * Bytes. A client that closes an idle connection may say so first: close_notify of TLS (RFC 8446, 6.1) is 24 to 31 bytes, with
 * GOAWAY of HTTP/2 before it less than this. A request is longer.
 */
const LONGEST_CLOSE_MESSAGE = 64;

/** Counts after which the end of a connection is not told any more: the kernel drops what its buffer cannot hold. */
const TOLD_WITHIN = 3;

/** A connection as it was when last seen. `missed`: counts since then. */
type Before = { readonly hasRequest: boolean; readonly bytesIn: number; readonly missed: number };

/**
 * The kernel tells the last state of each connection that ends (SKNLGRP_INET_TCP_DESTROY of linux/sock_diag.h). Where the last
 * data came from the client, or was never read, a request had no response; a count before, at most 100 ms old, tells
 * whether that data was a request. `mayHaveRequest`: in a connection that has had its opening only (opening.ts).
 */
export function createCutRequests(mayHaveRequest: (connection: Connection) => boolean): CutRequests {
  let before = new Map<number, Before>();
  /** Ends that were seen before the kernel told of them. */
  const seenEnds = new Set<number>();
  let cut = 0;
  let inFlight = 0;

  const isWaiting = (connection: Connection): boolean => isInFlight(connection) || mayHaveRequest(connection);

  const wasCut = (connection: Connection): boolean => {
    const { key, info, unread } = connection;
    if (info === null) return false;
    // A FIN that the app has not read counts as one byte.
    if (unread > 1) return true;
    // What the app has written is delivered without it.
    if (!isWaiting({ ...connection, unread: 0, info: { ...info, notSent: 0 } })) return false;
    const known = before.get(key);
    if (known === undefined) return info.sentAgo === Number.POSITIVE_INFINITY;
    return known.hasRequest || (info.volume?.bytesIn ?? 0) - known.bytesIn > LONGEST_CLOSE_MESSAGE;
  };

  const noteEnd = (connection: Connection): void => {
    if (wasCut(connection)) cut += 1;
    before.delete(connection.key);
  };

  const noteToldEnd = (connection: Connection): void => {
    if (!seenEnds.delete(connection.key)) noteEnd(connection);
  };

  const noteSeenEnd = (connection: Connection): void => {
    if (!before.has(connection.key)) return;
    noteEnd(connection);
    seenEnds.add(connection.key);
  };

  return {
    note(ended, present, isOver = false) {
      for (const connection of ended) noteToldEnd(connection);
      const next = new Map<number, Before>();
      inFlight = 0;
      for (const connection of present) {
        const { key, state, info } = connection;
        if (state === ESTABLISHED || state === CLOSE_WAIT) {
          const hasRequest = info === null ? isCertain(connection) : isWaiting(connection);
          if (hasRequest) inFlight += 1;
          next.set(key, { hasRequest, bytesIn: info?.volume?.bytesIn ?? 0, missed: 0 });
          // Closed by the app, and its last bytes or its FIN are under way. In TIME_WAIT there is no tcp_info; the end was told.
        } else if (info !== null) noteSeenEnd(connection);
      }
      for (const [key, known] of before) {
        const missed = isOver ? 1 : known.missed + 1;
        if (known.hasRequest && !next.has(key) && missed <= TOLD_WITHIN) next.set(key, { ...known, missed });
      }
      before = next;
    },
    forget() {
      cut = 0;
    },
    soFar() {
      let unknown = 0;
      for (const { missed } of before.values()) if (missed > 0) unknown += 1;
      return { cut, unknown, inFlight };
    },
  };
}
