import { existsSync } from 'node:fs';
import type { Listener } from './listener-table.ts';
import { listeningInodesOf, listeningSockets } from './listening-sockets.ts';
import { inspectorPortsOf, mayHideInspector } from './node-inspector.ts';
import { holdsSocket, socketsOf } from './process-sockets.ts';
import { hasEnded, listProcesses, processesOfApp, readStat, uidsOf } from './procfs.ts';

/**
 * The app's listening sockets. `owned`: found by its descriptors. `same uid`: where /proc/pid/fd may not be read, all that
 * its uid has in this network namespace. `unknowable`: even the uid would be a guess.
 */
export type Listeners =
  | { readonly kind: 'owned' | 'same uid'; readonly listeners: readonly Listener[] }
  | { readonly kind: 'unknowable' };

/**
 * The listening TCP sockets of the app and of all processes that it started. The port of a Node inspector does not count,
 * because it serves developers, not clients.
 */
export function listenersOf(app: number): Listeners {
  const processes = listProcesses();
  if (processes.length === 0) return { kind: 'unknowable' };
  const listening = listeningSockets(app);
  if (listening === null) return { kind: 'unknowable' };
  const unowned = new Map(listening.map((listener) => [listener.inode, listener]));
  const owned: Listener[] = [];
  const uids = new Set<number>();
  for (const { pid } of processesOfApp(app, processes)) {
    const sockets = socketsOf(pid);
    if (sockets === null) {
      // Only root may read the descriptors of an exited process. It has none, and its uid says nothing.
      if (hasEnded(readStat(pid))) continue;
      for (const uid of uidsOf(pid)) uids.add(uid);
      continue;
    }
    const inspectors = [...sockets.keys()].some((inode) => unowned.has(inode)) ? inspectorPortsOf(pid) : [];
    for (const [inode, descriptor] of sockets) {
      const listener = unowned.get(inode);
      if (listener === undefined || inspectors.includes(listener.port)) continue;
      unowned.delete(inode);
      owned.push({ ...listener, holder: { pid, descriptor } });
    }
  }
  if (uids.size === 0) return { kind: 'owned', listeners: owned };
  if (isHostNetwork()) return owned.length > 0 ? { kind: 'owned', listeners: owned } : { kind: 'unknowable' };
  const ours = socketsOf(process.pid) ?? new Map();
  const ofSameUid = [...unowned.values()].filter(({ uid, inode }) => uids.has(uid) && !ours.has(inode));
  return { kind: 'same uid', listeners: [...owned, ...ofSameUid] };
}

/** The inodes of all listening sockets of the app's network namespace, separated by commas. Unchanged: no new socket listens. */
export function listeningInodes(app: number): string {
  return `${listeningInodesOf(app)}`;
}

/** Whether a listener that was found still listens. Cheap, because it is called at every probe. */
export function stillListens(app: number, listener: Listener): boolean {
  if (listener.holder !== null) return holdsSocket(listener.holder.pid, listener.holder.descriptor, listener.inode);
  return listeningSockets(app)?.some(({ inode }) => inode === listener.inode) === true;
}

/** Whether it may be a Node inspector's, which only a request to it can tell. */
export function mayBeInspector({ holder }: Listener): boolean {
  return holder !== null && mayHideInspector(holder.pid);
}

export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1' || address.startsWith('::ffff:127.');
}

/**
 * Whether this network namespace is the machine's own, in which other pods' processes listen too. The kernel registers
 * net.core.netdev_budget for the first namespace only (net/core/sysctl_net_core.c).
 */
function isHostNetwork(): boolean {
  return existsSync('/proc/sys/net/core/netdev_budget');
}
