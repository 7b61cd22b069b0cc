import type { Connection, ConnectionInfo } from './connection.ts';
import type { Volume } from './opening.ts';

/**
 * The bytes of a ping and its answer, from the client and from the app, whichever of them began: PING of HTTP/2 (RFC 9113, 6.7) and
 * ping of WebSocket (RFC 6455, 5.5.2), empty or with four bytes, which the client masks.
 */
const FRAMES: readonly (readonly [bytesIn: number, bytesOut: number])[] = [
  [17, 17],
  [6, 2],
  [10, 6],
];
/** What a TLS record adds: nothing without TLS; the header, type and tag of TLS 1.3; the header, nonce and tag of AES-GCM in TLS 1.2. */
const RECORDS: readonly number[] = [0, 22, 29];
const HEARTBEATS = FRAMES.flatMap(([bytesIn, bytesOut]) =>
  RECORDS.map((record) => [bytesIn + record, bytesOut + record] as const),
);

/** Milliseconds without data before a ping. Messages that follow each other sooner are a conversation, whatever their length. */
const QUIET_BEFORE = 500;
/** Milliseconds between a ping and its answer, which its receiver sends at once: longer than a round trip. */
const ANSWER_WITHIN = 1_000;

/** What went over a connection between two looks. */
type Change = {
  readonly segmentsIn: number;
  readonly segmentsOut: number;
  readonly bytesIn: number;
  /** With those that are not acknowledged yet. */
  readonly bytesOut: number;
};

/** A connection at one look, and what is left out of it. Times are on the clock of the looks. */
type Look = {
  readonly at: number;
  readonly connection: Connection;
  readonly info: ConnectionInfo;
  readonly volume: Volume;
  readonly hidden: (Change & { readonly sentAt: number; readonly receivedAt: number }) | null;
};

export type Heartbeats = {
  /**
   * The connections as they would be without the pings that went over them between two calls: such a ping is no use, and its answer is
   * none to a request that was in flight before it. `now`: milliseconds of a clock that never jumps.
   */
  readonly without: (connections: readonly Connection[], now: number) => readonly Connection[];
};

export function rememberHeartbeats(): Heartbeats {
  let looks: ReadonlyMap<number, Look> = new Map();
  let lookedAt = 0;
  return {
    without(connections, now) {
      const next = new Map<number, Look>();
      const seen = connections.map((connection) => {
        const before = looks.get(connection.key);
        const isUnchanged = before !== undefined && hasSegmentsOf(before, connection);
        const look = isUnchanged ? before : lookAt({ connection, before, since: now - lookedAt, at: now });
        if (look === null) return connection;
        next.set(connection.key, look);
        return isUnchanged || look.connection === connection ? withoutHidden(connection, look, now) : connection;
      });
      looks = next;
      lookedAt = now;
      return seen;
    },
  };
}

/** Whether no data went since that look. It stays then, because its times are those of the data. */
function hasSegmentsOf({ volume }: Look, { info }: Connection): boolean {
  return info?.volume?.segmentsIn === volume.segmentsIn && info.volume.segmentsOut === volume.segmentsOut;
}

type Changed = {
  readonly connection: Connection;
  readonly before: Look | undefined;
  /** Milliseconds since the last look. */
  readonly since: number;
  readonly at: number;
};

/** null: the kernel does not tell enough. An earlier look stays while a ping lacks its answer. */
function lookAt({ connection, before, since, at }: Changed): Look | null {
  const { info } = connection;
  if (info === null || info.volume === null) return null;
  const look: Look = { at, connection, info, volume: info.volume, hidden: null };
  if (before === undefined) return look;
  const change = changeOf(before, look);
  const pings = Math.max(change.segmentsIn, change.segmentsOut);
  if (lastUseOf(look) - lastUseOf(before) < pings * QUIET_BEFORE || info.notSent > 0) return look;
  // All of them but a first half went since the last look.
  if ((pings - 1) * QUIET_BEFORE > since) return look;
  if (isHalf(change)) return before;
  if (!isHeartbeats(change, pings) || Math.abs(info.sentAgo - info.receivedAgo) > ANSWER_WITHIN) return look;
  const { hidden } = before;
  return {
    ...look,
    hidden: {
      segmentsIn: (hidden?.segmentsIn ?? 0) + pings,
      segmentsOut: (hidden?.segmentsOut ?? 0) + pings,
      bytesIn: (hidden?.bytesIn ?? 0) + change.bytesIn,
      bytesOut: (hidden?.bytesOut ?? 0) + change.bytesOut,
      sentAt: hidden?.sentAt ?? before.at - before.info.sentAgo,
      receivedAt: hidden?.receivedAt ?? before.at - before.info.receivedAgo,
    },
  };
}

function changeOf(before: Look, { connection, volume }: Look): Change {
  return {
    segmentsIn: difference(before.volume.segmentsIn, volume.segmentsIn),
    segmentsOut: difference(before.volume.segmentsOut, volume.segmentsOut),
    bytesIn: difference(before.volume.bytesIn, volume.bytesIn),
    bytesOut: difference(
      before.volume.bytesOut + before.connection.unacknowledged,
      volume.bytesOut + connection.unacknowledged,
    ),
  };
}

const lastUseOf = ({ at, info }: Look): number => at - Math.min(info.sentAgo, info.receivedAgo);

/** Counters are read as their low 32 bits. */
const difference = (before: number, now: number): number => (now - before) >>> 0;

/** Several go between two looks when the machine is busy. */
const isHeartbeats = ({ segmentsIn, segmentsOut, bytesIn, bytesOut }: Change, count: number): boolean =>
  segmentsIn === count &&
  segmentsOut === count &&
  HEARTBEATS.some(([fromClient, fromApp]) => bytesIn === count * fromClient && bytesOut === count * fromApp);

const isHalf = ({ segmentsIn, segmentsOut, bytesIn, bytesOut }: Change): boolean =>
  segmentsIn + segmentsOut === 1 &&
  HEARTBEATS.some(([fromClient, fromApp]) => (segmentsIn === 1 ? bytesIn === fromClient : bytesOut === fromApp));

function withoutHidden(connection: Connection, { hidden }: Look, now: number): Connection {
  const { info } = connection;
  if (hidden === null || info === null || info.volume === null) return connection;
  const { volume } = info;
  return {
    ...connection,
    // The client may delay the acknowledgement of the ping's answer.
    unacknowledged: Math.max(0, connection.unacknowledged - hidden.bytesOut),
    info: {
      ...info,
      sentAgo: now - hidden.sentAt,
      receivedAgo: now - hidden.receivedAt,
      volume: {
        ...volume,
        segmentsIn: volume.segmentsIn - hidden.segmentsIn,
        segmentsOut: volume.segmentsOut - hidden.segmentsOut,
        bytesIn: volume.bytesIn - hidden.bytesIn,
        bytesOut: volume.bytesOut - hidden.bytesOut,
      },
    },
  };
}
