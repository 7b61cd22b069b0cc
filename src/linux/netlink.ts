import type { Ffi } from './ffi.ts';

/**
 * Sockets of NETLINK_SOCK_DIAG (sock_diag(7)), by which ss(8) lists sockets. It needs no privilege, and filters in the kernel, where
 * /proc/net/tcp walks the whole table of connections.
 */
export type Netlink = {
  readonly open: () => number;
  /** Joins multicast groups; the bits of linux/sock_diag.h. */
  readonly join: (socket: number, groups: number) => void;
  /** Sends a request; false: not all of it was accepted. */
  readonly send: (socket: number, request: Buffer) => boolean;
  /** Receives into `reply` without waiting, as for a dump the kernel has answered already. null: nothing to receive. */
  readonly receive: (socket: number) => number | null;
  readonly reply: NetlinkReply;
  readonly close: (socket: number) => void;
};

/** Two views of the same bytes: fields are aligned to four bytes and in the machine's byte order, but for ports and addresses. */
export type NetlinkReply = { readonly words: Uint32Array; readonly bytes: Buffer };

/** bind(2), recv(2), linux/netlink.h, linux/sock_diag.h: the same numbers on every architecture that Node runs on. */
const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC = 0x8_0003;
const NETLINK_SOCK_DIAG = 4;
const MSG_DONTWAIT = 0x40;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const SOCK_DIAG_BY_FAMILY = 20;
const NLM_F_REQUEST_DUMP = 0x301;
export const AF_INET = 2;
export const AF_INET6 = 10;
const IPPROTO_TCP = 6;
/** TCP_LISTEN of the kernel's include/net/tcp_states.h. */
export const LISTEN = 10;
/** The size of nlmsghdr. */
const HEADER = 16;
/** The size of inet_diag_req_v2 of linux/inet_diag.h, and INET_DIAG_REQ_BYTECODE. */
const INET_REQUEST = 56;
const BYTECODE = 1;
/** Offsets in inet_diag_msg. */
export const INET_MESSAGE: Readonly<Record<InetMessageField, number>> = {
  family: 0,
  state: 1,
  localPort: 4,
  remotePort: 6,
  local: 8,
  remote: 24,
  cookie: 44,
  unread: 56,
  unacknowledged: 60,
  uid: 64,
  inode: 68,
  size: 72,
};
type InetMessageField =
  | ('family' | 'state' | 'localPort' | 'remotePort' | 'local' | 'remote' | 'cookie')
  | ('unread' | 'unacknowledged' | 'uid' | 'inode' | 'size');

/** Bytes. One recv(2) returns at most 32 KiB. */
const BUFFER = 65_536;

/** Throws where node:ffi does not work. `open` returns a negative number where netlink is not allowed. */
export function openNetlink(ffi: Ffi): Netlink {
  const { functions } = ffi.dlopen(null, {
    socket: { arguments: ['i32', 'i32', 'i32'], return: 'i32' },
    bind: { arguments: ['i32', 'pointer', 'u32'], return: 'i32' },
    send: { arguments: ['i32', 'pointer', 'u64', 'i32'], return: 'i64' },
    recv: { arguments: ['i32', 'pointer', 'u64', 'i32'], return: 'i64' },
    close: { arguments: ['i32'], return: 'i32' },
  });
  const buffer = new ArrayBuffer(BUFFER);
  const pointer = ffi.getRawPointer(buffer);
  return {
    open: () => functions.socket(AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_SOCK_DIAG),
    join(socket, groups) {
      const address = Buffer.alloc(12);
      address.writeUInt16LE(AF_NETLINK, 0);
      address.writeUInt32LE(groups, 8);
      functions.bind(socket, ffi.getRawPointer(address), address.length);
    },
    send: (socket, request) =>
      Number(functions.send(socket, ffi.getRawPointer(request), BigInt(request.length), 0)) === request.length,
    receive(socket) {
      const length = Number(functions.recv(socket, pointer, BigInt(BUFFER), MSG_DONTWAIT));
      return length < 0 ? null : length;
    },
    reply: { words: new Uint32Array(buffer), bytes: Buffer.from(buffer) },
    close: (socket) => functions.close(socket),
  };
}

/** What is asked for: the TCP sockets of a family in these states, with these extensions (a mask) and by this filter, if it is not empty. */
export type TcpSockets = {
  readonly family: number;
  readonly states: readonly number[];
  readonly extensions?: number;
  readonly filter?: Buffer;
};

/** The request for a list of sockets (inet_diag_req_v2). */
export function requestFor({ family, states, extensions = 0, filter = Buffer.alloc(0) }: TcpSockets): Buffer {
  const request = Buffer.alloc(HEADER + INET_REQUEST + (filter.length === 0 ? 0 : 4 + filter.length));
  request.writeUInt32LE(request.length, 0);
  request.writeUInt16LE(SOCK_DIAG_BY_FAMILY, 4);
  request.writeUInt16LE(NLM_F_REQUEST_DUMP, 6);
  request[HEADER] = family;
  request[HEADER + 1] = IPPROTO_TCP;
  request[HEADER + 2] = extensions;
  request.writeUInt32LE(
    states.reduce((mask, state) => mask | (1 << state), 0),
    HEADER + 4,
  );
  if (filter.length === 0) return request;
  request.writeUInt16LE(4 + filter.length, HEADER + INET_REQUEST);
  request.writeUInt16LE(BYTECODE, HEADER + INET_REQUEST + 2);
  filter.copy(request, HEADER + INET_REQUEST + 4);
  return request;
}

/** Sends the request for a list and calls `read` with the start and the end of each inet_diag_msg. Throws when the kernel does not answer. */
export function dumpSockets(
  netlink: Netlink,
  socket: number,
  request: Buffer,
  read: (start: number, end: number) => void,
): void {
  if (!netlink.send(socket, request)) throw new Error('cannot list sockets: sock_diag did not accept the request');
  for (let done = false; !done; ) {
    const length = netlink.receive(socket);
    if (length === null) throw new Error('cannot list sockets: sock_diag did not answer');
    done = eachSocket(netlink.reply, length, read);
  }
}

/** Calls `read` for each socket of a reply. True: it ends the list. Throws an error that the kernel reports. */
export function eachSocket(reply: NetlinkReply, length: number, read: (start: number, end: number) => void): boolean {
  for (let offset = 0; offset + HEADER <= length; ) {
    const size = wordAt(reply, offset);
    const type = wordAt(reply, offset + 4) & 0xffff;
    if (type === NLMSG_DONE) return true;
    if (type === NLMSG_ERROR)
      throw new Error(`cannot list sockets: sock_diag failed (errno ${-(wordAt(reply, offset + HEADER) | 0)})`);
    if (type === SOCK_DIAG_BY_FAMILY) read(offset + HEADER, offset + size);
    if (size < HEADER) break;
    offset += (size + 3) & ~3;
  }
  return false;
}

export function wordAt({ words }: NetlinkReply, offset: number): number {
  return words[offset >> 2] ?? 0;
}

export function portAt({ bytes }: NetlinkReply, offset: number): number {
  return (bytes[offset] ?? 0) * 256 + (bytes[offset + 1] ?? 0);
}
