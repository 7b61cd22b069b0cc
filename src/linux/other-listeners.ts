import { readFileSync } from 'node:fs';
import { familyOf } from './listeners.ts';
import { listProcesses, socketsOf } from './procfs.ts';

/**
 * Ways in that are no TCP port: UDP ports, and Unix sockets that listen (a proxy in the same pod may be behind one). Who has
 * none of either is sent nothing. Read once, when a shutdown begins.
 */
export type OtherListeners = 'some' | 'none';

/** TCP_CLOSE of the kernel's include/net/tcp_states.h: a UDP socket that is bound and not connected, as the tables print it. */
const UNCONNECTED = '07';
/** __SO_ACCEPTCON of the kernel's include/linux/net.h. */
const LISTENS = 0x1_0000;
/** The kernel's default, where the range cannot be read: who sends first is given a port in it, and is a client. */
const EPHEMERAL: PortRange = [32_768, 60_999];
/** What runtimes open in every process, for a debugger (.NET, the JVM) or their own workers (Python's multiprocessing). */
const OF_A_RUNTIME = /(?:^|\/)(?:dotnet-diagnostic-|\.java_pid|pymp-)/;

type PortRange = readonly [first: number, last: number];

/** Where the descriptors of one of its processes may not be read, any such socket of this network namespace counts as its own. */
export function otherListenersOf(app: number): OtherListeners {
  const listening = new Set([
    ...['udp', 'udp6'].flatMap((table) => parseUdp(tableOf(app, table), ephemeralPorts())),
    ...parseUnix(tableOf(app, 'unix')),
  ]);
  if (listening.size === 0) return 'none';
  const opens = familyOf(app, listProcesses()).some(({ pid }) => {
    const sockets = socketsOf(pid);
    return sockets === null || [...sockets.keys()].some((inode) => listening.has(inode));
  });
  return opens ? 'some' : 'none';
}

/** The inodes of UDP sockets that are bound to a port of their choice, from /proc/net/udp or udp6 (proc_pid_net(5)). */
export function parseUdp(text: string, [first, last]: PortRange): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
    const port = Number.parseInt(local?.split(':')[1] ?? '', 16);
    if (inode === undefined || state !== UNCONNECTED || (port >= first && port <= last)) return [];
    return [inode];
  });
}

/** The inodes of Unix sockets that listen, from /proc/net/unix. Abstract names begin with `@`; who has no name cannot be called. */
export function parseUnix(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const [, flags, inode, name] = /^\S+: \S+ \S+ (\S+) \S+ \S+ +(\d+) (.+)$/.exec(line) ?? [];
    if (flags === undefined || inode === undefined || name === undefined) return [];
    return (Number.parseInt(flags, 16) & LISTENS) === 0 || OF_A_RUNTIME.test(name) ? [] : [inode];
  });
}

function tableOf(app: number, table: string): string {
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
