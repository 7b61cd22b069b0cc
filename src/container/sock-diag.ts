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
  /** Connections that have ended since the last call, however short they were; `lost`: some more than the buffer held. */
  readonly ended: (ends: LocalEnds) => { readonly connections: readonly Connection[]; readonly lost: boolean };
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
    const buffer = Buffer.alloc(BUFFER);
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
        done = readMessages(buffer, length, ends, found);
      }
    };

    return {
      connections(ends) {
        const found: Connection[] = [];
        dump(4, ends, found);
        dump(6, ends, found);
        return found;
      },
      ended(ends) {
        const connections: Connection[] = [];
        let lost = false;
        for (;;) {
          let length = receive(hearing);
          if (length === null) {
            // Once for an overflow (ENOBUFS), which is then forgotten; twice when there is nothing left.
            length = receive(hearing);
            if (length === null) return { connections, lost };
            lost = true;
          }
          readMessages(buffer, length, ends, connections);
        }
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
  // No port is no filter to the kernel; 0 is nobody's.
  const wanted = ports.length === 0 ? [0] : ports;
  const filter = Buffer.alloc(wanted.length * block - 4);
  const write = (offset: number, code: number, yes: number, no: number): void => {
    filter[offset] = code;
    filter[offset + 1] = yes;
    filter.writeUInt16LE(no, offset + 2);
  };
  for (const [index, port] of wanted.entries()) {
    const start = index * block;
    write(start, BC_S_GE, 8, block);
    filter.writeUInt16LE(port, start + 6);
    write(start + 8, BC_S_LE, 8, block - 8);
    filter.writeUInt16LE(port, start + 14);
    if (index < wanted.length - 1) write(start + 16, BC_JMP, 4, filter.length - start - 16);
  }
  return filter;
}

/** Adds what one reply holds of the wanted ends; whether it was the last of its dump. */
function readMessages(buffer: Buffer, length: number, ends: LocalEnds, found: Connection[]): boolean {
  for (let offset = 0; offset + HEADER <= length; ) {
    const size = buffer.readUInt32LE(offset);
    const type = buffer.readUInt16LE(offset + 4);
    if (type === NLMSG_DONE) return true;
    if (type === NLMSG_ERROR) {
      throw new Error(`the kernel refuses to tell its sockets (errno ${-buffer.readInt32LE(offset + HEADER)})`);
    }
    if (type === SOCK_DIAG_BY_FAMILY) {
      const connection = readConnection(buffer, offset + HEADER, offset + size, ends);
      if (connection !== null) found.push(connection);
    }
    if (size < HEADER) break;
    offset += (size + 3) & ~3;
  }
  return false;
}

function readConnection(buffer: Buffer, start: number, end: number, ends: LocalEnds): Connection | null {
  const family = buffer[start + AT.family] === AF_INET ? 4 : 6;
  const addresses = ends.get(endKey(family, buffer.readUInt16BE(start + AT.localPort)));
  const state = buffer[start + AT.state] ?? 0;
  const remotePort = buffer.readUInt16BE(start + AT.remotePort);
  if (addresses === undefined || state === LISTEN || remotePort === 0) return null;
  const width = family === 4 ? 4 : 16;
  const local = start + AT.local;
  if (addresses !== 'all' && !addresses.has(parseAddress(buffer.toString('hex', local, local + width), false))) {
    return null;
  }
  return {
    key: buffer.readUInt32LE(start + AT.cookie) + buffer.readUInt32LE(start + AT.cookie + 4) * 2 ** 32,
    state,
    isFromHere: isSame(buffer, local, start + AT.remote, width),
    remotePort,
    unread: buffer.readUInt32LE(start + AT.unread),
    unsent: buffer.readUInt32LE(start + AT.unsent),
    last: readTimes(buffer, start + MESSAGE, end),
  };
}

function readTimes(buffer: Buffer, start: number, end: number): Connection['last'] {
  for (let offset = start; offset + 4 <= end; ) {
    const size = buffer.readUInt16LE(offset);
    if (buffer.readUInt16LE(offset + 2) === INET_DIAG_INFO && size >= 4 + LAST_RECEIVED + 4) {
      return {
        sentAgo: buffer.readUInt32LE(offset + 4 + LAST_SENT),
        receivedAgo: buffer.readUInt32LE(offset + 4 + LAST_RECEIVED),
      };
    }
    if (size < 4) break;
    offset += (size + 3) & ~3;
  }
  return null;
}

/** The same address, or both of 127.0.0.0/8, where the kernel answers for all of it from 127.0.0.1. */
function isSame(buffer: Buffer, one: number, other: number, width: number): boolean {
  const ipv4 = width - 4;
  if (buffer.compare(buffer, other, other + ipv4, one, one + ipv4) !== 0) return false;
  if (buffer[one + ipv4] === 127 && buffer[other + ipv4] === 127) return true;
  return buffer.readUInt32LE(one + ipv4) === buffer.readUInt32LE(other + ipv4);
}
