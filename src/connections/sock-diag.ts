import type { Ffi } from '../linux/ffi.ts';
import type { Connection, Family, LocalEnds } from './connection.ts';
import { type Reply, readMessages } from './sock-diag-reply.ts';
import { portsOf, requestFor } from './sock-diag-request.ts';

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

/** bind(2), recv(2), linux/netlink.h, linux/sock_diag.h: the same numbers on every architecture that Node runs on. */
const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC = 0x8_0003;
const NETLINK_SOCK_DIAG = 4;
const MSG_DONTWAIT = 0x40;
/** Bits of the groups that SKNLGRP_INET_TCP_DESTROY (1) and SKNLGRP_INET6_TCP_DESTROY (3) are. */
const TCP_DESTROY_GROUPS = 0b101;

/** The kernel fills at most 32 KiB for one call. */
const BUFFER = 65_536;

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
    const requests = open();
    if (requests < 0) return { missing: 'a netlink socket is not allowed' };
    const notifications = open();
    const buffer = new ArrayBuffer(BUFFER);
    const reply: Reply = { words: new Uint32Array(buffer), bytes: Buffer.from(buffer) };
    const pointer = ffi.getRawPointer(buffer);
    const address = Buffer.alloc(12);
    address.writeUInt16LE(AF_NETLINK, 0);
    address.writeUInt32LE(TCP_DESTROY_GROUPS, 8);
    if (notifications >= 0) functions.bind(notifications, ffi.getRawPointer(address), address.length);
    /** null: nothing there. */
    const receive = (fd: number): number | null => {
      const length = Number(functions.recv(fd, pointer, BigInt(BUFFER), MSG_DONTWAIT));
      return length < 0 ? null : length;
    };

    const dump = (family: Family, ends: LocalEnds, found: Connection[]): void => {
      const request = requestFor(family, ends);
      const sent = functions.send(requests, ffi.getRawPointer(request), BigInt(request.length), 0);
      if (Number(sent) !== request.length) throw new Error('the kernel takes no question about its sockets');
      for (let done = false; !done; ) {
        const length = receive(requests);
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
          const length = receive(notifications);
          if (length === null) failures += 1;
          else readMessages(reply, length, ends, found);
        }
        return found;
      },
      close() {
        functions.close(requests);
        if (notifications >= 0) functions.close(notifications);
      },
    };
  } catch (error) {
    return { missing: `node:ffi does not work: ${(error as Error).message}` };
  }
}
