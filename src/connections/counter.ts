import type { ConnectionCount } from '../lifecycle/event.ts';
import { type Ffi, loadFfi } from '../linux/ffi.ts';
import { listenersOf, listeningInodes } from '../linux/listeners.ts';
import { networkNamespaceOf } from '../linux/net-table.ts';
import {
  type Connection,
  type ConnectionInfo,
  endpointKey,
  isBusy,
  isCertain,
  isInFlight,
  isOpen,
} from './connection.ts';
import { type CutSoFar, createCutRequests } from './cut-requests.ts';
import { rememberHeartbeats } from './heartbeat.ts';
import { rememberOpenings, withoutAcknowledgement } from './opening.ts';
import { noticeReuse } from './reuse.ts';
import { inOrder } from './same-tick.ts';
import { openSockDiag, type SockDiag } from './sock-diag.ts';
import { connectionsIn } from './tcp-table.ts';

/** Counts the inbound connections of the app and of all processes that it started. */
export type ConnectionCounter = {
  /** `ownPorts`: local ports of k8s-run's own connections, which are probes and do not count. `now`: on the monotonic clock, in ms. */
  readonly count: (ownPorts: ReadonlySet<number>, now: number) => ConnectionCount;
  /** From now on what is cut is the work of the app's end: it has been sent its stop signal. */
  readonly appEnds: () => void;
  /** To be called once the app is gone, and again while something is unknown or in flight; null: there was no count before. */
  readonly cutRequests: (ownPorts: ReadonlySet<number>, now: number) => CutSoFar | null;
  /** The app's port of a connection that has got another request since the first count; null: none was seen, or it cannot be known. */
  readonly reusedPort: () => number | null;
  readonly close: () => void;
};

type Listed = { readonly connections: readonly Connection[]; readonly ended: readonly Connection[] };

/**
 * A counter for the connections to all ports that the app listens on. A port that the app no longer listens on still counts,
 * because its connections may still be open. Connections are listed by sock_diag, or read from /proc/net/tcp where sock_diag
 * is not available.
 */
export function openConnectionCounter(
  app: number,
  ffi: Ffi | { readonly missing: string } = loadFfi(),
): ConnectionCounter {
  const endpoints = new Map<number, 'all' | Set<string>>();
  let knownInodes: ReadonlySet<string> | null = null;
  let diag: SockDiag | null = diagFor(app, ffi);
  let seen: ReadonlySet<number> | null = null;
  let seenBefore: ReadonlySet<number> = new Set();
  const openings = rememberOpenings();
  const heartbeats = rememberHeartbeats();
  const cut = createCutRequests(openings.mayHaveRequest);
  let hasCounted = false;
  const reuse = noticeReuse();

  /** Adds new listening sockets. Returns why they cannot be found, or null. */
  const refreshEndpoints = (): string | null => {
    const inodes = listeningInodes(app).split(',');
    // To find their owners every descriptor of the app is read, so this is done only when there are new ones.
    if (inodes.every((inode) => knownInodes?.has(inode))) return null;
    const found = listenersOf(app);
    if (found.kind === 'unknowable') return 'its sockets cannot be distinguished from those of other processes';
    knownInodes = new Set(inodes);
    for (const { address, port } of found.listeners) {
      const key = endpointKey(address.includes(':') ? 6 : 4, port);
      const addresses = endpoints.get(key);
      if (address === '::' || address === '0.0.0.0') endpoints.set(key, 'all');
      else if (addresses !== 'all') endpoints.set(key, new Set(addresses).add(address));
    }
    return null;
  };

  /** With the times of what clients and the app use them for: without what carries no request. */
  const asUsed = (connections: readonly Connection[], now: number): readonly Connection[] =>
    heartbeats
      .without(
        connections.map((connection) => having(connection, inOrder)),
        now,
      )
      .map((connection) => having(connection, withoutAcknowledgement));

  const list = (now: number): Listed | null => {
    if (diag !== null) {
      try {
        const ended = diag.ended(endpoints);
        const seen = asUsed([...ended, ...diag.connections(endpoints)], now);
        return { ended: seen.slice(0, ended.length), connections: seen.slice(ended.length) };
      } catch {
        diag.close();
        diag = null;
        // /proc has other keys, so its first connections are not new arrivals.
        seen = null;
      }
    }
    const connections = connectionsIn(app, endpoints);
    return connections === null ? null : { connections, ended: [] };
  };

  const isOwn =
    (ownPorts: ReadonlySet<number>) =>
    ({ isLocal, remotePort }: Connection): boolean =>
      isLocal && ownPorts.has(remotePort);

  const noteCut = (
    { ended, connections }: Listed,
    isProbe: (connection: Connection) => boolean,
    isOver: boolean,
  ): void =>
    cut.note(
      ended.filter((connection) => !isProbe(connection)),
      connections.filter((connection) => !isProbe(connection)),
      isOver,
    );

  return {
    appEnds: cut.forget,
    cutRequests(ownPorts, now) {
      if (!hasCounted) return null;
      // /proc of an app that is gone cannot be read, so what was in flight at the last count was cut.
      if (diag === null) return { cut: cut.soFar().inFlight, unknown: 0, inFlight: 0 };
      const listed = list(now);
      if (listed !== null) noteCut(listed, isOwn(ownPorts), true);
      return cut.soFar();
    },
    count(ownPorts, now) {
      const problem = refreshEndpoints();
      if (problem !== null) return { kind: 'uncountable', reason: problem };
      const listed = list(now);
      if (listed === null) return { kind: 'uncountable', reason: 'cannot read /proc/net/tcp' };
      const isProbe = isOwn(ownPorts);
      hasCounted = true;
      let open = 0;
      let busy = 0;
      let inFlight = 0;
      let certain = 0;
      let timed = true;
      for (const connection of listed.ended) openings.note(connection, true);
      for (const connection of listed.connections) openings.note(connection, false);
      const keys = new Set<number>();
      const arrivals = new Set<number>();
      const noteArrival = ({ key }: Connection): void => {
        if (seen !== null && !seen.has(key) && !seenBefore.has(key)) arrivals.add(key);
      };
      for (const connection of listed.connections) {
        // A table that changes while it is read may contain a row twice.
        if (keys.has(connection.key)) continue;
        keys.add(connection.key);
        if (isProbe(connection)) continue;
        noteArrival(connection);
        reuse.note(connection);
        if (!isOpen(connection)) continue;
        open += 1;
        if (isBusy(connection) || openings.mayHaveRequest(connection)) busy += 1;
        if (isInFlight(connection)) inFlight += 1;
        if (isCertain(connection)) certain += 1;
        if (connection.info === null) timed = false;
      }
      for (const connection of listed.ended) if (!isProbe(connection)) noteArrival(connection);
      noteCut(listed, isProbe, false);
      seenBefore = seen ?? keys;
      seen = keys;
      return { kind: 'counted', open, busy, inFlight, arrived: arrivals.size, timed, certain };
    },
    reusedPort: reuse.port,
    close: () => diag?.close(),
  };
}

/** The connection with what `change` makes of its tcp_info. */
function having(connection: Connection, change: (info: ConnectionInfo) => ConnectionInfo): Connection {
  const { info } = connection;
  if (info === null) return connection;
  const changed = change(info);
  return changed === info ? connection : { ...connection, info: changed };
}

/** A netlink socket lists the connections of our network namespace only, so those of an app in another one are read from /proc. */
function diagFor(app: number, ffi: Ffi | { readonly missing: string }): SockDiag | null {
  if ('missing' in ffi || networkNamespaceOf(app) !== networkNamespaceOf('self')) return null;
  const diag = openSockDiag(ffi);
  return 'missing' in diag ? null : diag;
}
