import type { Ffi } from '../linux/ffi.ts';
import type { Connection, IpVersion, LocalEndpoints } from './connection.ts';
import { type NetlinkReply, readMessages } from './sock-diag-reply.ts';
import { portsOf, requestFor } from './sock-diag-request.ts';

/**
 * Lists TCP connections through NETLINK_SOCK_DIAG (sock_diag(7)), as ss(8) does. It needs no privilege, filters by port in the
 * kernel, and has the times that /proc/net/tcp does not have.
 */
export type SockDiag = {
  /** Throws when the kernel does not answer. */
  readonly connections: (endpoints: LocalEndpoints) => readonly Connection[];
  /** Connections that have ended since the last call, however short they were; at least the first hundred of them. */
  readonly ended: (endpoints: LocalEndpoints) => readonly Connection[];
  readonly close: () => void;
};

/** bind(2), recv(2), linux/netlink.h, linux/sock_diag.h: the same numbers on every architecture that Node runs on. */
const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC = 0x8_0003;
const NETLINK_SOCK_DIAG = 4;
const MSG_DONTWAIT = 0x40;
/** The bits of the multicast groups SKNLGRP_INET_TCP_DESTROY (1) and SKNLGRP_INET6_TCP_DESTROY (3). */
const TCP_DESTROY_GROUPS = 0b101;

/** Bytes. One recv(2) returns at most 32 KiB. */
const BUFFER = 65_536;

/** Opens the sockets; `missing`: why there are none. Whether they work is tested by the first count. */
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
    const querySocket = open();
    if (querySocket < 0) return { missing: 'a netlink socket is not allowed' };
    const destroySocket = open();
    const buffer = new ArrayBuffer(BUFFER);
    const reply: NetlinkReply = { words: new Uint32Array(buffer), bytes: Buffer.from(buffer) };
    const pointer = ffi.getRawPointer(buffer);
    const address = Buffer.alloc(12);
    address.writeUInt16LE(AF_NETLINK, 0);
    address.writeUInt32LE(TCP_DESTROY_GROUPS, 8);
    if (destroySocket >= 0) functions.bind(destroySocket, ffi.getRawPointer(address), address.length);
    /** null: nothing to receive. */
    const receive = (fd: number): number | null => {
      const length = Number(functions.recv(fd, pointer, BigInt(BUFFER), MSG_DONTWAIT));
      return length < 0 ? null : length;
    };

    const dump = (version: IpVersion, endpoints: LocalEndpoints, found: Connection[]): void => {
      const request = requestFor(version, endpoints);
      const sent = functions.send(querySocket, ffi.getRawPointer(request), BigInt(request.length), 0);
      if (Number(sent) !== request.length)
        throw new Error('cannot list connections: sock_diag did not accept the request');
      for (let done = false; !done; ) {
        const length = receive(querySocket);
        if (length === null) throw new Error('cannot list connections: sock_diag did not answer');
        done = readMessages(reply, length, endpoints, found);
      }
    };

    return {
      connections(endpoints) {
        const found: Connection[] = [];
        for (const version of [4, 6] as const)
          if (portsOf(version, endpoints).length > 0) dump(version, endpoints, found);
        return found;
      },
      ended(endpoints) {
        const found: Connection[] = [];
        // After an overflow recv(2) fails once (ENOBUFS), and the first messages can still be received; when it fails twice
        // there are none.
        for (let failures = 0; failures < 2; ) {
          const length = receive(destroySocket);
          if (length === null) failures += 1;
          else readMessages(reply, length, endpoints, found);
        }
        return found;
      },
      close() {
        functions.close(querySocket);
        if (destroySocket >= 0) functions.close(destroySocket);
      },
    };
  } catch (error) {
    return { missing: `node:ffi does not work: ${(error as Error).message}` };
  }
}
