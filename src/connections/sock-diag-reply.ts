import { parseAddress } from '../linux/listener-table.ts';
import { type Connection, endKey, LISTEN, type LocalEnds } from './connection.ts';
import { AF_INET, HEADER, INET_DIAG_INFO, SOCK_DIAG_BY_FAMILY } from './sock-diag-request.ts';

/** linux/netlink.h. */
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
/** The size of inet_diag_msg, and the offsets of its fields. */
const MESSAGE = 72;
const AT = {
  family: 0,
  state: 1,
  localPort: 4,
  remotePort: 6,
  local: 8,
  remote: 24,
  cookie: 44,
  unread: 56,
  unsent: 60,
};
/** tcp_info of linux/tcp.h: tcpi_last_data_sent and tcpi_last_data_recv. */
const LAST_SENT = 44;
const LAST_RECEIVED = 52;
/** tcpi_notsent_bytes, tcpi_data_segs_in and tcpi_data_segs_out, since Linux 4.6. */
const NOT_SENT = 144;
const SEGMENTS_IN = 152;
const SEGMENTS_OUT = 156;

/** The same bytes twice. What the kernel tells is aligned to four bytes and in the machine's order; ports and addresses are not. */
export type Reply = { readonly words: Uint32Array; readonly bytes: Buffer };

/** Adds what one reply holds of the wanted ends; whether it was the last of its dump. Throws where the kernel refuses. */
export function readMessages(reply: Reply, length: number, ends: LocalEnds, found: Connection[]): boolean {
  for (let offset = 0; offset + HEADER <= length; ) {
    const size = wordAt(reply, offset);
    const type = wordAt(reply, offset + 4) & 0xffff;
    if (type === NLMSG_DONE) return true;
    if (type === NLMSG_ERROR) {
      throw new Error(`the kernel refuses to tell its sockets (errno ${-(wordAt(reply, offset + HEADER) | 0)})`);
    }
    if (type === SOCK_DIAG_BY_FAMILY) {
      const connection = readConnection(reply, offset + HEADER, offset + size, ends);
      if (connection !== null) found.push(connection);
    }
    if (size < HEADER) break;
    offset += (size + 3) & ~3;
  }
  return false;
}

function readConnection(reply: Reply, start: number, end: number, ends: LocalEnds): Connection | null {
  const { bytes } = reply;
  const family = bytes[start + AT.family] === AF_INET ? 4 : 6;
  const addresses = ends.get(endKey(family, portAt(reply, start + AT.localPort)));
  const state = bytes[start + AT.state] ?? 0;
  const remotePort = portAt(reply, start + AT.remotePort);
  if (addresses === undefined || state === LISTEN || remotePort === 0) return null;
  const width = family === 4 ? 4 : 16;
  const local = start + AT.local;
  if (addresses !== 'all' && !addresses.has(addressAt(reply, local, width))) return null;
  return {
    key: wordAt(reply, start + AT.cookie) + wordAt(reply, start + AT.cookie + 4) * 2 ** 32,
    state,
    isFromHere: isSame(reply, local, start + AT.remote, width),
    remotePort,
    unread: wordAt(reply, start + AT.unread),
    unsent: wordAt(reply, start + AT.unsent),
    info: readInfo(reply, start + MESSAGE, end),
  };
}

/** Attributes come in the same order every time, so where the last one was is looked at first: its offset and its head. */
const lastInfo = { offset: 0, head: 0 };

function readInfo(reply: Reply, start: number, end: number): Connection['info'] {
  const { offset: known, head } = lastInfo;
  if (head !== 0 && start + known + 4 + LAST_RECEIVED + 4 <= end && wordAt(reply, start + known) === head) {
    return infoAt(reply, start + known + 4, (head & 0xffff) - 4);
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
 * Both times begin with the connection, and they are as coarse as the kernel's clock ticks (4 ms, often), so of a first
 * request that follows the handshake at once they say nothing: but of who never answered, the number of answers does.
 */
function infoAt(reply: Reply, offset: number, size: number): Connection['info'] {
  const receivedAgo = wordAt(reply, offset + LAST_RECEIVED);
  const isCounted = size >= SEGMENTS_OUT + 4;
  const isUnanswered =
    isCounted && wordAt(reply, offset + SEGMENTS_IN) > 0 && wordAt(reply, offset + SEGMENTS_OUT) === 0;
  return {
    sentAgo: isUnanswered ? Number.POSITIVE_INFINITY : wordAt(reply, offset + LAST_SENT),
    receivedAgo,
    heldBack: isCounted ? wordAt(reply, offset + NOT_SENT) : 0,
  };
}

/** The same address, or both of 127.0.0.0/8, where the kernel answers for all of it from 127.0.0.1. */
function isSame(reply: Reply, one: number, other: number, width: number): boolean {
  const last = width - 4;
  for (let offset = 0; offset < last; offset += 4) {
    if (wordAt(reply, one + offset) !== wordAt(reply, other + offset)) return false;
  }
  if (reply.bytes[one + last] === 127 && reply.bytes[other + last] === 127) return true;
  return wordAt(reply, one + last) === wordAt(reply, other + last);
}

function wordAt({ words }: Reply, offset: number): number {
  return words[offset >> 2] ?? 0;
}

function portAt({ bytes }: Reply, offset: number): number {
  return (bytes[offset] ?? 0) * 256 + (bytes[offset + 1] ?? 0);
}

/** Few local addresses stand in thousands of rows. */
const addresses = new Map<string, string>();

function addressAt({ bytes }: Reply, offset: number, width: number): string {
  const raw = bytes.toString('latin1', offset, offset + width);
  const known = addresses.get(raw);
  if (known !== undefined) return known;
  const address = parseAddress(bytes.toString('hex', offset, offset + width), false);
  addresses.set(raw, address);
  return address;
}
