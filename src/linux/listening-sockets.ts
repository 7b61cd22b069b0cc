import { loadFfi } from './ffi.ts';
import { type Listener, parseAddress, readListeners } from './listener-table.ts';
import { networkNamespaceOf } from './net-table.ts';
import * as netlink from './netlink.ts';

/**
 * Every listening TCP socket of a process's network namespace, or of ours where that may not be read; null: neither may. By
 * sock_diag(7) in a tenth of a millisecond; /proc/net/tcp walks all buckets of the table of connections, which takes milliseconds.
 */
export function listeningSockets(pid: number): readonly Listener[] | null {
  return ask(pid, listenerAt) ?? readListeners(pid);
}

/** Their inodes; null as above. */
export function listeningInodesOf(pid: number): readonly string[] | null {
  return ask(pid, inodeAt) ?? readListeners(pid)?.map(({ inode }) => inode) ?? null;
}

type Socket = { readonly link: netlink.Netlink; readonly fd: number };
type Read<T> = (reply: netlink.NetlinkReply, start: number) => T;

/** One for the life of this process. null: netlink or node:ffi cannot be used. */
let socket: Socket | null | undefined;

let own: string | undefined;

/** It stays the same: this process never enters another. */
function ownNamespace(): string {
  own ??= networkNamespaceOf('self');
  return own;
}

/** What `read` makes of each listening socket; null: sock_diag cannot be used, or does not list those of this process. */
function ask<T>(pid: number, read: Read<T>): readonly T[] | null {
  if (socket === null || networkNamespaceOf(pid) !== ownNamespace()) return null;
  try {
    socket ??= open();
    if (socket === null) return null;
    const { link, fd } = socket;
    const found: T[] = [];
    for (const request of REQUESTS)
      netlink.dumpSockets(link, fd, request, (start) => found.push(read(link.reply, start)));
    return found;
  } catch {
    if (socket) socket.link.close(socket.fd);
    socket = null;
    return null;
  }
}

function open(): Socket | null {
  const ffi = loadFfi();
  if ('missing' in ffi) return null;
  const link = netlink.openNetlink(ffi);
  const fd = link.open();
  return fd < 0 ? null : { link, fd };
}

const REQUESTS = [netlink.AF_INET, netlink.AF_INET6].map((family) =>
  netlink.requestFor({ family, states: [netlink.LISTEN] }),
);

function listenerAt(reply: netlink.NetlinkReply, start: number): Listener {
  const { family, local, localPort, uid } = netlink.INET_MESSAGE;
  const width = reply.bytes[start + family] === netlink.AF_INET ? 4 : 16;
  return {
    address: parseAddress(reply.bytes.toString('hex', start + local, start + local + width), false),
    port: netlink.portAt(reply, start + localPort),
    inode: inodeAt(reply, start),
    uid: netlink.wordAt(reply, start + uid),
    holder: null,
  };
}

function inodeAt(reply: netlink.NetlinkReply, start: number): string {
  return String(netlink.wordAt(reply, start + netlink.INET_MESSAGE.inode));
}
