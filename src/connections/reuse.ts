import { type Connection, ESTABLISHED, isInFlight } from './connection.ts';
import { openingOf } from './opening.ts';

/** A PING of HTTP/2 in a record of TLS 1.3 has so many bytes: it asks for nothing, nor do the shorter ones of WebSockets. */
const MOST_PING = 39;

/**
 * Finds a connection that has got another request: the app had answered what came before, and data has come since. What only
 * opens, and the end of a connection, are no requests. To be called with what each count lists; returns the app's port of such
 * a connection, or null.
 */
export function noticeReuse(): (connections: readonly Connection[]) => number | null {
  /** The bytes that each connection had received when it was last seen without a request in flight. */
  let idleAt: ReadonlyMap<number, number> = new Map();
  return (connections) => {
    const next = new Map<number, number>();
    let port: number | null = null;
    for (const connection of connections) {
      const { key, state, info, localPort } = connection;
      if (info === null || info.volume === null || state !== ESTABLISHED) continue;
      const { bytesIn, bytesOut } = info.volume;
      const before = idleAt.get(key);
      // The counters wrap around at 4 GiB.
      if (before !== undefined && (bytesIn - before) >>> 0 > MOST_PING) port = localPort;
      const isIdle = bytesOut > 0 && !isInFlight(connection) && openingOf(info) === null;
      if (isIdle) next.set(key, bytesIn);
      else if (before !== undefined) next.set(key, before);
    }
    idleAt = next;
    return port;
  };
}
