import { loadFfi } from './ffi.ts';
import { type Listener, parseAddress, readListeners } from './listener-table.ts';
import { networkNamespaceOf } from './net-table.ts';
import * as netlink from './netlink.ts';

const TCP_LISTEN = 10;

/**
 * Every listening TCP socket of a process's network namespace, or of ours where that may not be read; null: neither may. By
 * sock_diag in some 40 µs; /proc/net/tcp walks all buckets of the table of connections, which takes milliseconds.
 */
export function listeningSockets(pid: number): readonly Listener[] | null {
  return networkNamespaceOf(pid) === networkNamespaceOf('self')
    ? (askKernel() ?? readListeners(pid))
    : readListeners(pid);
}

type Socket = { readonly netlink: netlink.Netlink; readonly fd: number };

/** null: netlink or node:ffi cannot be used. */
let socket: Socket | null | undefined;

function askKernel(): readonly Listener[] | null {
  try {
    socket ??= socket === undefined ? open() : null;
    if (socket === null) return null;
    const found: Listener[] = [];
    const { reply } = socket.netlink;
    for (const family of [netlink.AF_INET, netlink.AF_INET6])
      netlink.dumpSockets(socket.netlink, socket.fd, requestFor(family), (start) =>
        found.push(listenerAt(reply, start)),
      );
    return found;
  } catch {
    if (socket) socket.netlink.close(socket.fd);
    socket = null;
    return null;
  }
}

function open(): Socket | null {
  const ffi = loadFfi();
  if ('missing' in ffi) return null;
  const opened = netlink.openNetlink(ffi);
  const fd = opened.open();
  return fd < 0 ? null : { netlink: opened, fd };
}

function requestFor(family: number): Buffer {
  const request = Buffer.alloc(netlink.HEADER + netlink.INET_REQUEST);
  request.writeUInt32LE(request.length, 0);
  request.writeUInt16LE(netlink.SOCK_DIAG_BY_FAMILY, 4);
  request.writeUInt16LE(netlink.NLM_F_REQUEST_DUMP, 6);
  request[netlink.HEADER] = family;
  request[netlink.HEADER + 1] = netlink.IPPROTO_TCP;
  request.writeUInt32LE(1 << TCP_LISTEN, netlink.HEADER + 4);
  return request;
}

function listenerAt(reply: netlink.NetlinkReply, start: number): Listener {
  const { family, local, localPort, uid, inode } = netlink.INET_MESSAGE;
  const width = reply.bytes[start + family] === netlink.AF_INET ? 4 : 16;
  return {
    address: parseAddress(reply.bytes.toString('hex', start + local, start + local + width), false),
    port: netlink.portAt(reply, start + localPort),
    inode: String(netlink.wordAt(reply, start + inode)),
    uid: netlink.wordAt(reply, start + uid),
    holder: null,
  };
}
