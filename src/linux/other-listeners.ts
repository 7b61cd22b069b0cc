import { readFileSync } from 'node:fs';
import { socketsOf } from './process-sockets.ts';
import { listProcesses, processesOfApp } from './procfs.ts';

/**
 * Whether the app can be reached without TCP: on a UDP port, or on a listening Unix socket (from a proxy in the same pod). An
 * app without any of these receives nothing. Read once, when a shutdown begins.
 */
export type OtherListeners = 'some' | 'none';

/** TCP_CLOSE of the kernel's include/net/tcp_states.h: a UDP socket that is bound and not connected, as the tables print it. */
const UNCONNECTED = '07';
/** __SO_ACCEPTCON of the kernel's include/linux/net.h. */
const LISTENS = 0x1_0000;
/** The kernel's default, where the range cannot be read. A socket that sends before it is bound gets a port of it: a client. */
const EPHEMERAL: PortRange = [32_768, 60_999];
/**
 * Unix sockets that runtimes open in each process: for diagnostics (.NET, the JVM) or their own workers (Python's
 * multiprocessing).
 */
const OF_A_RUNTIME = /(?:^|\/)(?:dotnet-diagnostic-|\.java_pid|pymp-)/;

type PortRange = readonly [first: number, last: number];

/** `some` also where the descriptors of one of the app's processes may not be read: any socket of this namespace may be its. */
export function otherListenersOf(app: number): OtherListeners {
  const inodes = new Set([
    ...['udp', 'udp6'].flatMap((table) => parseUdp(readTable(app, table), ephemeralPorts())),
    ...parseUnix(readTable(app, 'unix')),
  ]);
  if (inodes.size === 0) return 'none';
  const holdsOne = processesOfApp(app, listProcesses()).some(({ pid }) => {
    const sockets = socketsOf(pid);
    return sockets === null || [...sockets.keys()].some((inode) => inodes.has(inode));
  });
  return holdsOne ? 'some' : 'none';
}

/**
 * The inodes of UDP sockets that were bound to a port outside the ephemeral range, from /proc/net/udp or udp6
 * (proc_pid_net(5)).
 */
export function parseUdp(text: string, [first, last]: PortRange): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
    const port = Number.parseInt(local?.split(':')[1] ?? '', 16);
    if (inode === undefined || state !== UNCONNECTED || (port >= first && port <= last)) return [];
    return [inode];
  });
}

/**
 * The inodes of listening Unix sockets, from /proc/net/unix. Abstract names begin with `@`; a socket without a name accepts
 * no connections.
 */
export function parseUnix(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const [, flags, inode, name] = /^\S+: \S+ \S+ (\S+) \S+ \S+ +(\d+) (.+)$/.exec(line) ?? [];
    if (flags === undefined || inode === undefined || name === undefined) return [];
    return (Number.parseInt(flags, 16) & LISTENS) === 0 || OF_A_RUNTIME.test(name) ? [] : [inode];
  });
}

function readTable(app: number, table: string): string {
  return read(`/proc/${app}/net/${table}`) ?? read(`/proc/net/${table}`) ?? '';
}

function ephemeralPorts(): PortRange {
  const [first = Number.NaN, last = Number.NaN] = (read('/proc/sys/net/ipv4/ip_local_port_range') ?? '')
    .split(/\s+/)
    .map(Number);
  return Number.isNaN(first + last) ? EPHEMERAL : [first, last];
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
