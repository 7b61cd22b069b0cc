import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { inspectorPortsOf, mayHideInspector } from './node-inspector.ts';
import {
  descendantsOf,
  hasEnded,
  holdsSocket,
  listProcesses,
  type ProcessStat,
  readStat,
  socketsOf,
  uidsOf,
} from './procfs.ts';

/** A TCP socket that listens, as /proc/net/tcp and /proc/net/tcp6 tell it (proc_pid_net(5)). */
export type Listener = {
  /** As bound: `0.0.0.0` and `::` are all addresses. */
  readonly address: string;
  readonly port: number;
  readonly inode: string;
  readonly uid: number;
  /** Who holds it; null when only its uid is known. */
  readonly holder: { readonly pid: number; readonly descriptor: number } | null;
};

/** Whose sockets they are: `told by uid` where /proc/pid/fd may not be read, `unknowable` where even that would guess. */
export type Listeners =
  | { readonly kind: 'owned' | 'told by uid'; readonly listeners: readonly Listener[] }
  | { readonly kind: 'unknowable' };

/** TCP_LISTEN of the kernel's include/net/tcp_states.h, as the tables print it. */
const LISTEN = '0A';
const CHUNK = 65_536;

/**
 * The listening TCP sockets of the app and of all it started. A Node inspector's port does not count: it serves a
 * developer, not users.
 */
export function listenersOf(app: number): Listeners {
  const processes = listProcesses();
  if (processes.length === 0) return { kind: 'unknowable' };
  const family = familyOf(app, processes);
  const listening = readListeners(app);
  if (listening === null) return { kind: 'unknowable' };
  const table = new Map(listening.map((listener) => [listener.inode, listener]));
  const owned: Listener[] = [];
  const uids = new Set<number>();
  for (const { pid } of family) {
    const sockets = socketsOf(pid);
    if (sockets === null) {
      // The kernel hides the descriptors of what has ended from all but root; it has none, and says nothing of its uid.
      if (hasEnded(readStat(pid))) continue;
      for (const uid of uidsOf(pid)) uids.add(uid);
      continue;
    }
    const inspectors = [...sockets.keys()].some((inode) => table.has(inode)) ? inspectorPortsOf(pid) : [];
    for (const [inode, descriptor] of sockets) {
      const listener = table.get(inode);
      if (listener === undefined || inspectors.includes(listener.port)) continue;
      table.delete(inode);
      owned.push({ ...listener, holder: { pid, descriptor } });
    }
  }
  if (uids.size === 0) return { kind: 'owned', listeners: owned };
  if (onHostNetwork()) return owned.length > 0 ? { kind: 'owned', listeners: owned } : { kind: 'unknowable' };
  const ours = socketsOf(process.pid) ?? new Map();
  const alike = [...table.values()].filter(({ uid, inode }) => uids.has(uid) && !ours.has(inode));
  return { kind: 'told by uid', listeners: [...owned, ...alike] };
}

/** The listening sockets of the app's network namespace by inode: where it has not changed, nobody has begun to listen. */
export function tableOf(app: number): string {
  return `${readListeners(app)?.map(({ inode }) => inode)}`;
}

/** Whether a listener found before is still there; cheap, for it is asked at every period. */
export function stillListens(app: number, listener: Listener): boolean {
  if (listener.holder !== null) return holdsSocket(listener.holder.pid, listener.holder.descriptor, listener.inode);
  return readListeners(app)?.some(({ inode }) => inode === listener.inode) === true;
}

/** Whether only asking it can tell that it is no Node inspector's. */
export function mayBeInspector({ holder }: Listener): boolean {
  return holder !== null && mayHideInspector(holder.pid);
}

export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1' || address.startsWith('::ffff:127.');
}

/** The app, its descendants, and what left them by a double fork but stayed in the app's session. */
export function familyOf(app: number, processes: readonly ProcessStat[]): readonly ProcessStat[] {
  const family = new Set(descendantsOf(app, processes));
  for (const stat of processes) if (stat.session === app) family.add(stat);
  return [...family];
}

/** null when neither table can be read. */
export function readListeners(pid: number): readonly Listener[] | null {
  const texts = ['tcp', 'tcp6'].map(
    (table) => readUntilConnections(`/proc/${pid}/net/${table}`) ?? readUntilConnections(`/proc/net/${table}`),
  );
  return texts.every((text) => text === null) ? null : texts.flatMap((text) => parseListeners(text ?? ''));
}

/** The kernel lists what listens first (net/ipv4/tcp_ipv4.c, tcp_seq_start), so ten thousand connections need no reading. */
function readUntilConnections(path: string): string | null {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return null;
  }
  try {
    const buffer = Buffer.allocUnsafe(CHUNK);
    let text = '';
    for (;;) {
      const length = readSync(file, buffer);
      if (length === 0) return text;
      const chunk = buffer.toString('latin1', 0, length);
      text += chunk;
      if (/^ *\d+: \S+ \S+ (?!0A)/m.test(chunk)) return text;
    }
  } catch {
    return null;
  } finally {
    closeSync(file);
  }
}

/** Reads the text of /proc/net/tcp or tcp6; lines that are not such lines are passed over. */
export function parseListeners(text: string): readonly Listener[] {
  const listeners: Listener[] = [];
  for (const line of text.split('\n')) {
    const [, local, , state, , , , uid, , inode] = line.trim().split(/\s+/);
    if (state !== LISTEN || local === undefined || inode === undefined) continue;
    const [hex, port] = local.split(':');
    if (hex === undefined || port === undefined) continue;
    const address = parseAddress(hex);
    listeners.push({ address, port: Number.parseInt(port, 16), inode, uid: Number(uid), holder: null });
  }
  return listeners;
}

/** Addresses are printed as 32-bit words in the machine's byte order; every machine that Node 24 runs on is little-endian but s390x. */
export function parseAddress(hex: string, littleEndian: boolean = isLittleEndian()): string {
  const bytes = Buffer.from(hex, 'hex');
  if (littleEndian) bytes.swap32();
  if (bytes.length === 4) return bytes.join('.');
  const mapped = bytes.subarray(0, 12).toString('hex') === '00000000000000000000ffff';
  if (mapped) return `::ffff:${bytes.subarray(12).join('.')}`;
  const words = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16));
  return compress(words.join(':'));
}

/** RFC 5952: the longest run of zeros, the first of equals, becomes `::`. */
function compress(address: string): string {
  const runs = [...address.matchAll(/(?<![^:])0(?::0)+(?![^:])/g)].sort((a, b) => b[0].length - a[0].length);
  const longest = runs[0];
  if (longest === undefined) return address;
  const before = address.slice(0, longest.index).replace(/:$/, '');
  const after = address.slice(longest.index + longest[0].length).replace(/^:/, '');
  return `${before}::${after}`;
}

function isLittleEndian(): boolean {
  return new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
}

/**
 * Whether this network namespace is the machine's own, where other people's sockets are. The kernel registers
 * net.core.netdev_budget for the first namespace only (net/core/sysctl_net_core.c).
 */
export function onHostNetwork(): boolean {
  return existsSync('/proc/sys/net/core/netdev_budget');
}
