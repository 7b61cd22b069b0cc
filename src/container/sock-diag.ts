import type { Ffi } from '../ffi.ts';
import { type Connection, endKey, type Family, LISTEN, type LocalEnds, STATES } from './connection.ts';
import { parseAddress } from './sockets.ts';

/**
 * The kernel's own answer to "which connections are there": NETLINK_SOCK_DIAG, sock_diag(7), as ss(8) asks it. It needs no
 * privilege, is filtered by port in the kernel, and tells the times that /proc/net/tcp does not have.
 */
export type SockDiag = {
  /** Throws where the kernel does not answer. */
  readonly connections: (ends: LocalEnds) => readonly Connection[];
  /** Connections that have ended since the last call, however short they were: the first hundred at least. */
  readonly ended: (ends: LocalEnds) => readonly Connection[];
  readonly close: () => void;
};

/** linux/netlink.h, linux/sock_diag.h, linux/inet_diag.h: the same numbers on every architecture that Node runs on. */
const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC = 0x8_0003;
const NETLINK_SOCK_DIAG = 4;
const SOCK_DIAG_BY_FAMILY = 20;
const NLM_F_REQUEST_DUMP = 0x301;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const MSG_DONTWAIT = 0x40;
const AF_INET = 2;
const AF_INET6 = 10;
const IPPROTO_TCP = 6;
const INET_DIAG_REQ_BYTECODE = 1;
const INET_DIAG_INFO = 2;
/** Bits of the groups that SKNLGRP_INET_TCP_DESTROY (1) and SKNLGRP_INET6_TCP_DESTROY (3) are. */
const TCP_DESTROY_GROUPS = 0b101;
const BC_JMP = 1;
const BC_S_GE = 2;
const BC_S_LE = 3;

/** nlmsghdr, inet_diag_req_v2, inet_diag_msg, and in the last the offsets of its fields. */
const HEADER = 16;
const REQUEST = 56;
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

/** The kernel fills at most 32 KiB for one call. */
const BUFFER = 65_536;
/** The filter's jumps are 16 bits wide; who listens on more ports gets all connections, and sorts them out here. */
const MOST_PORTS_FILTERED = 500;

/** The socket, or why there is none. What it gives is tested by the first count. */
export function openSockDiag(ffi: Ffi): SockDiag | { readonly missing: string } {
  try {
    const { functions } = ffi.dlopen(null, {
      socket: { arguments: ['i32', 'i32', 'i32'], return: 'i32' },
      bind: { arguments: ['i32', 'pointer', 'u32'], return: 'i32' },
      send: { arguments: ['i32', 'pointer', 'u64', 'i32'], return: 'i64' },
      recv: { arguments: ['i32', 'pointer', 'u64', 'i32'], return: 'i64' },
      close: { arguments: ['i32'], return: 'i32' },
    });
    const open = (): number => functions.socket(AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_SOCK_DIAG);
    const asking = open();
    if (asking < 0) return { missing: 'a netlink socket is not allowed' };
    const hearing = open();
    const buffer = new ArrayBuffer(BUFFER);
    const reply: Reply = { words: new Uint32Array(buffer), bytes: Buffer.from(buffer) };
    const pointer = ffi.getRawPointer(buffer);
    const address = Buffer.alloc(12);
    address.writeUInt16LE(AF_NETLINK, 0);
    address.writeUInt32LE(TCP_DESTROY_GROUPS, 8);
    if (hearing >= 0) functions.bind(hearing, ffi.getRawPointer(address), address.length);
    /** null: nothing there. */
    const receive = (fd: number): number | null => {
      const length = Number(functions.recv(fd, pointer, BigInt(BUFFER), MSG_DONTWAIT));
      return length < 0 ? null : length;
    };

    const dump = (family: Family, ends: LocalEnds, found: Connection[]): void => {
      const request = requestFor(family, ends);
      const sent = functions.send(asking, ffi.getRawPointer(request), BigInt(request.length), 0);
      if (Number(sent) !== request.length) throw new Error('the kernel takes no question about its sockets');
      for (let done = false; !done; ) {
        const length = receive(asking);
        if (length === null) throw new Error('the kernel does not answer about its sockets');
        done = readMessages(reply, length, ends, found);
      }
    };

    return {
      connections(ends) {
        const found: Connection[] = [];
        for (const family of [4, 6] as const) if (portsOf(family, ends).length > 0) dump(family, ends, found);
        return found;
      },
      ended(ends) {
        const found: Connection[] = [];
        // A buffer that ran over (ENOBUFS) fails once and still has what came first; what failed twice is empty.
        for (let failures = 0; failures < 2; ) {
          const length = receive(hearing);
          if (length === null) failures += 1;
          else readMessages(reply, length, ends, found);
        }
        return found;
      },
      close() {
        functions.close(asking);
        if (hearing >= 0) functions.close(hearing);
      },
    };
  } catch (error) {
    return { missing: `node:ffi does not work: ${(error as Error).message}` };
  }
}

function requestFor(family: Family, ends: LocalEnds): Buffer {
  const filter = filterFor(portsOf(family, ends));
  const request = Buffer.alloc(HEADER + REQUEST + (filter.length === 0 ? 0 : 4 + filter.length));
  request.writeUInt32LE(request.length, 0);
  request.writeUInt16LE(SOCK_DIAG_BY_FAMILY, 4);
  request.writeUInt16LE(NLM_F_REQUEST_DUMP, 6);
  request[HEADER] = family === 4 ? AF_INET : AF_INET6;
  request[HEADER + 1] = IPPROTO_TCP;
  request[HEADER + 2] = 1 << (INET_DIAG_INFO - 1);
  request.writeUInt32LE(
    STATES.reduce((mask, state) => mask | (1 << state), 0),
    HEADER + 4,
  );
  if (filter.length > 0) {
    request.writeUInt16LE(4 + filter.length, HEADER + REQUEST);
    request.writeUInt16LE(INET_DIAG_REQ_BYTECODE, HEADER + REQUEST + 2);
    filter.copy(request, HEADER + REQUEST + 4);
  }
  return request;
}

function portsOf(family: Family, ends: LocalEnds): readonly number[] {
  return [...ends.keys()].filter((key) => key >> 16 === family).map((key) => key & 0xffff);
}

/**
 * "The local port is one of these" for inet_diag_bc_run (net/ipv4/inet_diag.c): each port is two comparisons that go on to
 * the next port when they fail, and a jump to the end when they do not. Behind the last, four bytes too far is "no".
 */
export function filterFor(ports: readonly number[]): Buffer {
  if (ports.length > MOST_PORTS_FILTERED) return Buffer.alloc(0);
  const block = 20;
  const filter = Buffer.alloc(ports.length * block - 4);
  const write = (offset: number, code: number, yes: number, no: number): void => {
    filter[offset] = code;
    filter[offset + 1] = yes;
    filter.writeUInt16LE(no, offset + 2);
  };
  for (const [index, port] of ports.entries()) {
    const start = index * block;
    write(start, BC_S_GE, 8, block);
    filter.writeUInt16LE(port, start + 6);
    write(start + 8, BC_S_LE, 8, block - 8);
    filter.writeUInt16LE(port, start + 14);
    if (index < ports.length - 1) write(start + 16, BC_JMP, 4, filter.length - start - 16);
  }
  return filter;
}

/** The same bytes twice. What the kernel tells is aligned to four bytes and in the machine's order; ports and addresses are not. */
type Reply = { readonly words: Uint32Array; readonly bytes: Buffer };

/** Adds what one reply holds of the wanted ends; whether it was the last of its dump. */
function readMessages(reply: Reply, length: number, ends: LocalEnds, found: Connection[]): boolean {
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
