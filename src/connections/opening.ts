import type { Connection, ConnectionInfo } from './connection.ts';

/** Data that went over a connection since it opened. */
export type Volume = {
  readonly segmentsIn: number;
  readonly segmentsOut: number;
  readonly bytesIn: number;
  /** Those that the client has acknowledged. */
  readonly bytesOut: number;
  /** Segments without data that the kernel sent: of the handshake, and acknowledgements. */
  readonly bareSegmentsOut: number;
  /** Milliseconds since the client last acknowledged something, also with data. */
  readonly acknowledgedAgo: number;
  /** The most bytes that a segment to the client has. */
  readonly segmentSize: number;
};

/** Milliseconds by which an acknowledgement is delayed at most: TCP_DELACK_MAX of include/net/tcp.h; 64 ms were measured. */
export const DELAYED_ACKNOWLEDGEMENT = 200;
/**
 * Milliseconds between the last data received and the last data sent in an opening. The server sends its session tickets or
 * SETTINGS at once, or, without TCP_NODELAY, when the client has acknowledged what was sent before.
 */
const OPENING_GAP = DELAYED_ACKNOWLEDGEMENT;
/**
 * Milliseconds without data after which a connection is no longer taken for one with a request in flight. By then the usual
 * proxies and load balancers have given up the request (nginx, AWS: 60 s).
 */
export const OPENING_QUIET = 60_000;
/** Milliseconds without data after which an opening is over: longer than any round trip. */
const OPENING_OVER = 1_000;
/** An opening has no more segments from the client than ClientHello, Finished, and four of HTTP/2. */
const MOST_SEGMENTS_IN = 6;
/** Segments of both sides up to which the server may have sent as many as the client: Node, HTTP/2 over TLS. */
const LONG_OPENING = 4;
/** Certificate chains are shorter, so more bytes than this contain a response. */
const MOST_BYTES_OUT = 16_384;
/** The shortest opening of HTTP/2 by a client: preface, SETTINGS, and the acknowledgement of the server's. */
const LEAST_HTTP2_IN = 42;
/** A server's SETTINGS with six values, acknowledgement and window update. With a response to it are more. */
const MOST_HTTP2_OUT = 72;
/** A client's opening of HTTP/2 without a request, with the acknowledgement: its SETTINGS have no value (Node), or one. */
const HTTP2_IN_WITHOUT_REQUEST: readonly number[] = [42, 48];
/** A server's SETTINGS without a value, and its acknowledgement. The shortest response of HTTP/1.1 is longer. */
const LEAST_HTTP2_OUT = 18;
/**
 * The least that two requests need in HTTP/2, opening included: the first HEADERS have 9 bytes of header, 3 for `GET / http` and 9 for a host
 * of 10 characters, the second have 13. The shortest two of HTTP/1.1 clients have 84 (wrk).
 */
const LEAST_HTTP2_IN_OF_TWO = 76;
/** The preface, SETTINGS, HEADERS of 12 bytes, and the acknowledgement. */
const LEAST_HTTP2_IN_OF_ONE = 54;
/** A ClientHello that offers TLS 1.3 is longer; the requests of probes are not. */
const BELOW_CLIENT_HELLO = 180;
/** The shortest TLS handshakes, which resume a session. */
const LEAST_TLS_IN = 256;
const LEAST_TLS_OUT = 128;

/** A protocol whose server sends bytes of its own before the response to the first request. */
export type Opening = 'tls' | 'http2';

/**
 * The protocol whose opening is perhaps all that the app has sent on this connection, so that a first request may still be in
 * flight; null: the app has sent a response. docs/decisions/0083 has the measured values.
 */
export function openingOf(info: ConnectionInfo): Opening | null {
  const { sentAgo, receivedAgo, volume } = info;
  // A send that is later than an opening is a response.
  if (volume === null || receivedAgo - sentAgo > OPENING_GAP) return null;
  if (quietFor(info) >= OPENING_OVER && isWithoutRequest(volume)) return null;
  const { bytesIn, bytesOut } = volume;
  // Full segments are parts of one long message: a certificate chain, a ClientHello with a post-quantum key.
  const segmentsIn = volume.segmentsIn - fullSegments(bytesIn, volume);
  const segmentsOut = volume.segmentsOut - fullSegments(bytesOut, volume);
  // What HTTP/1.1 sends after a single segment from the client is a response.
  if (volume.segmentsIn < 2 || volume.segmentsOut < 1 || segmentsIn > MOST_SEGMENTS_IN) return null;
  // In a long opening the client sends more segments than the server; in HTTP/1.1 the server sends as many, or more.
  if (segmentsOut > Math.min(segmentsIn + 1, Math.max(segmentsIn - 1, LONG_OPENING))) return null;
  if (bytesIn >= LEAST_HTTP2_IN && bytesOut <= MOST_HTTP2_OUT) return 'http2';
  return bytesIn >= LEAST_TLS_IN && bytesOut >= LEAST_TLS_OUT && bytesOut <= MOST_BYTES_OUT ? 'tls' : null;
}

/**
 * Whether a connection that has ended or is quiet shows that its port does not speak TLS: a segment too short for a ClientHello
 * has its response. The kubelet's HTTP probes are such connections.
 */
export function isUnencrypted(info: ConnectionInfo, hasEnded: boolean): boolean {
  const { volume } = info;
  if (volume === null || volume.segmentsIn !== 1 || volume.bytesOut === 0) return false;
  return volume.bytesIn < BELOW_CLIENT_HELLO && (hasEnded || quietFor(info) >= OPENING_OVER);
}

/**
 * The same with the acknowledgement of the server's SETTINGS left out, where it is certainly what the client of HTTP/2 without TLS sent last:
 * there is no request, or a single short one that has its response. It would look like a request that came after the response. It is
 * sent a round trip after the server's first bytes.
 */
export function withoutAcknowledgement(info: ConnectionInfo): ConnectionInfo {
  const { sentAgo, receivedAgo, volume } = info;
  const isAtOnce = receivedAgo < sentAgo && sentAgo - receivedAgo <= OPENING_GAP;
  if (volume === null || !isAtOnce || receivedAgo < OPENING_OVER) return info;
  return isWithoutRequest(volume) || isSingleRequest(volume) ? { ...info, receivedAgo: sentAgo } : info;
}

const isWithoutRequest = ({ segmentsIn, bytesIn, bytesOut }: Volume): boolean =>
  segmentsIn >= 2 &&
  HTTP2_IN_WITHOUT_REQUEST.includes(bytesIn) &&
  bytesOut >= LEAST_HTTP2_OUT &&
  bytesOut <= MOST_HTTP2_OUT;

const isSingleRequest = ({ segmentsIn, bytesIn, bytesOut }: Volume): boolean =>
  segmentsIn >= 2 &&
  segmentsIn <= 3 &&
  bytesIn >= LEAST_HTTP2_IN_OF_ONE &&
  bytesIn < LEAST_HTTP2_IN_OF_TWO &&
  bytesOut > MOST_HTTP2_OUT;

/** What was seen of connections in earlier counts. */
export type Openings = {
  /** Learns from a connection. To be called for all of them before `mayHaveRequest`. */
  readonly note: (connection: Connection, hasEnded: boolean) => void;
  /** Whether the app has perhaps not answered the first request. */
  readonly mayHaveRequest: (connection: Connection) => boolean;
};

export function rememberOpenings(): Openings {
  const plainPorts = new Set<number>();
  /** The segments that the app had sent on a connection when its opening was over. */
  const sentInOpening = new Map<number, number>();
  return {
    note({ key, localPort, info }, hasEnded) {
      if (info === null) return;
      if (isUnencrypted(info, hasEnded)) plainPorts.add(localPort);
      if (hasEnded) sentInOpening.delete(key);
      if (hasEnded || info.volume === null || quietFor(info) < OPENING_OVER || openingOf(info) === null) return;
      if (!sentInOpening.has(key)) sentInOpening.set(key, info.volume.segmentsOut);
    },
    mayHaveRequest({ key, localPort, info }) {
      if (info === null || info.volume === null || quietFor(info) >= OPENING_QUIET) return false;
      const opening = openingOf(info);
      if (opening === null || (opening === 'tls' && plainPorts.has(localPort))) return false;
      return info.volume.segmentsOut <= (sentInOpening.get(key) ?? Number.POSITIVE_INFINITY);
    },
  };
}

const quietFor = ({ sentAgo, receivedAgo }: ConnectionInfo): number => Math.min(sentAgo, receivedAgo);

const fullSegments = (bytes: number, { segmentSize }: Volume): number =>
  segmentSize === 0 ? 0 : Math.floor(bytes / segmentSize);
