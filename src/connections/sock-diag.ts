import type { Ffi } from '../linux/ffi.ts';
import { dumpSockets, eachSocket, openNetlink } from '../linux/netlink.ts';
import type { Connection, LocalEndpoints } from './connection.ts';
import { connectionAt } from './sock-diag-reply.ts';
import { connectionsRequest, portsOf } from './sock-diag-request.ts';

/** Lists TCP connections through sock_diag(7). It filters by port in the kernel, and has the times that /proc/net/tcp does not have. */
export type SockDiag = {
  /** Throws when the kernel does not answer. */
  readonly connections: (endpoints: LocalEndpoints) => readonly Connection[];
  /** Connections that have ended since the last call, however short they were; at least the first hundred of them. */
  readonly ended: (endpoints: LocalEndpoints) => readonly Connection[];
  readonly close: () => void;
};

/** The bits of the multicast groups SKNLGRP_INET_TCP_DESTROY (1) and SKNLGRP_INET6_TCP_DESTROY (3). */
const TCP_DESTROY_GROUPS = 0b101;

/** Opens the sockets; `missing`: why there are none. Whether they work is tested by the first count. */
export function openSockDiag(ffi: Ffi): SockDiag | { readonly missing: string } {
  try {
    const netlink = openNetlink(ffi);
    const querySocket = netlink.open();
    if (querySocket < 0) return { missing: 'a netlink socket is not allowed' };
    const destroySocket = netlink.open();
    if (destroySocket >= 0) netlink.join(destroySocket, TCP_DESTROY_GROUPS);

    /** What reads one socket of a reply into `found`. */
    const reader =
      (endpoints: LocalEndpoints, found: Connection[]) =>
      (start: number, end: number): void => {
        const connection = connectionAt(netlink.reply, start, end, endpoints);
        if (connection !== null) found.push(connection);
      };

    return {
      connections(endpoints) {
        const found: Connection[] = [];
        for (const version of [4, 6] as const)
          if (portsOf(version, endpoints).length > 0)
            dumpSockets(netlink, querySocket, connectionsRequest(version, endpoints), reader(endpoints, found));
        return found;
      },
      ended(endpoints) {
        const found: Connection[] = [];
        // After an overflow recv(2) fails once (ENOBUFS), and the first messages can still be received; when it fails twice
        // there are none.
        for (let failures = 0; failures < 2; ) {
          const length = netlink.receive(destroySocket);
          if (length === null) failures += 1;
          else eachSocket(netlink.reply, length, reader(endpoints, found));
        }
        return found;
      },
      close() {
        netlink.close(querySocket);
        if (destroySocket >= 0) netlink.close(destroySocket);
      },
    };
  } catch (error) {
    return { missing: `node:ffi does not work: ${(error as Error).message}` };
  }
}
