import { type Connection, ESTABLISHED, isInFlight } from './connection.ts';
import { openingOf } from './opening.ts';

/** A PING of HTTP/2 in a record of TLS 1.3 has so many bytes: it asks for nothing, nor do the shorter ones of WebSockets. */
const MOST_PING = 39;
/** Connections that are remembered. When more have come and gone it begins again, so that an hour of short ones costs no memory. */
const MOST_REMEMBERED = 65_536;

export type Reuse = {
  /** Learns from a connection, at each count. */
  readonly note: (connection: Connection) => void;
  /** The app's port of a connection that has got another request; null: none was seen. */
  readonly port: () => number | null;
};

/**
 * Finds a connection that gets another request: the app had answered what came before, and data has come since. What only
 * opens, and the end of a connection, are no requests.
 */
export function noticeReuse(): Reuse {
  /** The bytes that a connection had received when it was last seen without a request in flight. */
  const idleAt = new Map<number, number>();
  let port: number | null = null;
  return {
    note(connection) {
      const { key, state, info, localPort } = connection;
      if (port !== null || info === null || info.volume === null || state !== ESTABLISHED) return;
      const { bytesIn, bytesOut } = info.volume;
      const before = idleAt.get(key);
      // Of ten thousand most are idle, and cost no more than this.
      if (before === bytesIn) return;
      // The counters wrap around at 4 GiB.
      if (before !== undefined && (bytesIn - before) >>> 0 > MOST_PING) port = localPort;
      if (bytesOut === 0 || isInFlight(connection) || openingOf(info) !== null) return;
      if (idleAt.size >= MOST_REMEMBERED) idleAt.clear();
      idleAt.set(key, bytesIn);
    },
    port: () => port,
  };
}
