import { parseAddress } from '../linux/listener-table.ts';
import { AF_INET, INET_MESSAGE, LISTEN, type NetlinkReply, portAt, wordAt } from '../linux/netlink.ts';
import { type Connection, endpointKey, type LocalEndpoints } from './connection.ts';
import type { Volume } from './opening.ts';
import { INET_DIAG_INFO } from './sock-diag-request.ts';

/** Offsets in tcp_info of linux/tcp.h: tcpi_last_data_sent and tcpi_last_data_recv. */
const LAST_SENT = 44;
const LAST_RECEIVED = 52;
/** tcpi_last_ack_recv, and since Linux 4.2 tcpi_segs_out. */
const LAST_ACKNOWLEDGED = 56;
const ALL_SEGMENTS_OUT = 136;
/** tcpi_snd_mss, and the low halves of tcpi_bytes_acked and tcpi_bytes_received. */
const SEGMENT_SIZE = 16;
const BYTES_OUT = 120;
const BYTES_IN = 128;
/** tcpi_notsent_bytes, tcpi_data_segs_in and tcpi_data_segs_out, since Linux 4.6. */
const NOT_SENT = 144;
const SEGMENTS_IN = 152;
const SEGMENTS_OUT = 156;

/** The connection of an inet_diag_msg; null: it is to none of these endpoints, or no connection. */
export function connectionAt(
  reply: NetlinkReply,
  start: number,
  end: number,
  endpoints: LocalEndpoints,
): Connection | null {
  const { bytes } = reply;
  const version = bytes[start + INET_MESSAGE.family] === AF_INET ? 4 : 6;
  const localPort = portAt(reply, start + INET_MESSAGE.localPort);
  const addresses = endpoints.get(endpointKey(version, localPort));
  const state = bytes[start + INET_MESSAGE.state] ?? 0;
  const remotePort = portAt(reply, start + INET_MESSAGE.remotePort);
  if (addresses === undefined || state === LISTEN || remotePort === 0) return null;
  const width = version === 4 ? 4 : 16;
  const local = start + INET_MESSAGE.local;
  if (addresses !== 'all' && !addresses.has(addressAt(reply, local, width))) return null;
  return {
    key: wordAt(reply, start + INET_MESSAGE.cookie) + wordAt(reply, start + INET_MESSAGE.cookie + 4) * 2 ** 32,
    state,
    isLocal: isSameHost(reply, local, start + INET_MESSAGE.remote, width),
    localPort,
    remotePort,
    unread: wordAt(reply, start + INET_MESSAGE.unread),
    unacknowledged: wordAt(reply, start + INET_MESSAGE.unacknowledged),
    info: readInfo(reply, start + INET_MESSAGE.size, end),
  };
}

/** The offset and the header of the last tcp_info. Attributes have the same order in each message, so this is tried first. */
const lastInfo = { offset: 0, head: 0 };

function readInfo(reply: NetlinkReply, start: number, end: number): Connection['info'] {
  const { offset: last, head } = lastInfo;
  if (head !== 0 && start + last + 4 + LAST_RECEIVED + 4 <= end && wordAt(reply, start + last) === head) {
    return infoAt(reply, start + last + 4, (head & 0xffff) - 4);
  }
  for (let offset = start; offset + 4 <= end; ) {
    const size = reply.bytes.readUInt16LE(offset);
    if (reply.bytes.readUInt16LE(offset + 2) === INET_DIAG_INFO && size >= 4 + LAST_RECEIVED + 4) {
      lastInfo.offset = offset - start;
      lastInfo.head = wordAt(reply, offset);
      return infoAt(reply, offset + 4, size - 4);
    }
    if (size < 4) break;
    offset += (size + 3) & ~3;
  }
  return null;
}

/**
 * Both times begin with the connection, in the kernel's clock ticks (often 4 ms), so for a first request right after the
 * handshake they are equal. Whether the app has answered it is then known from the number of segments that it sent.
 */
function infoAt(reply: NetlinkReply, offset: number, size: number): Connection['info'] {
  const receivedAgo = wordAt(reply, offset + LAST_RECEIVED);
  const volume = size >= SEGMENTS_OUT + 4 ? volumeAt(reply, offset) : null;
  const isUnanswered = volume !== null && volume.segmentsIn > 0 && volume.segmentsOut === 0;
  return {
    sentAgo: isUnanswered ? Number.POSITIVE_INFINITY : wordAt(reply, offset + LAST_SENT),
    receivedAgo,
    notSent: volume === null ? 0 : wordAt(reply, offset + NOT_SENT),
    volume,
  };
}

function volumeAt(reply: NetlinkReply, offset: number): Volume {
  const segmentsOut = wordAt(reply, offset + SEGMENTS_OUT);
  return {
    segmentsIn: wordAt(reply, offset + SEGMENTS_IN),
    segmentsOut,
    bareSegmentsOut: wordAt(reply, offset + ALL_SEGMENTS_OUT) - segmentsOut,
    acknowledgedAgo: wordAt(reply, offset + LAST_ACKNOWLEDGED),
    bytesIn: wordAt(reply, offset + BYTES_IN),
    bytesOut: wordAt(reply, offset + BYTES_OUT),
    segmentSize: wordAt(reply, offset + SEGMENT_SIZE),
  };
}

/** The same address, or both in 127.0.0.0/8, where the kernel connects from 127.0.0.1 to any of them. */
function isSameHost(reply: NetlinkReply, one: number, other: number, width: number): boolean {
  const last = width - 4;
  for (let offset = 0; offset < last; offset += 4) {
    if (wordAt(reply, one + offset) !== wordAt(reply, other + offset)) return false;
  }
  if (reply.bytes[one + last] === 127 && reply.bytes[other + last] === 127) return true;
  return wordAt(reply, one + last) === wordAt(reply, other + last);
}

/** A cache, because thousands of rows have the same few local addresses. */
const addressCache = new Map<string, string>();

function addressAt({ bytes }: NetlinkReply, offset: number, width: number): string {
  const raw = bytes.toString('latin1', offset, offset + width);
  const cached = addressCache.get(raw);
  if (cached !== undefined) return cached;
  const address = parseAddress(bytes.toString('hex', offset, offset + width), false);
  addressCache.set(raw, address);
  return address;
}
