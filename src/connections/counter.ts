import type { ConnectionCount } from '../lifecycle/event.ts';
import { type Ffi, loadFfi } from '../linux/ffi.ts';
import { listenersOf, listeningInodes } from '../linux/listeners.ts';
import { networkNamespaceOf } from '../linux/net-table.ts';
import { type Connection, endKey, isBusy, isInFlight, isOpen } from './connection.ts';
import { openSockDiag, type SockDiag } from './sock-diag.ts';
import { connectionsIn } from './tcp-table.ts';

/** Counts the inbound connections of the app and of all it started. */
export type ConnectionCounter = {
  /** `ownPorts`: local ports of k8s-run's own connections, its probes, which do not count. */
  readonly count: (ownPorts: ReadonlySet<number>) => ConnectionCount;
  readonly close: () => void;
};

/**
 * A counter for the listening sockets of the app. What once listened goes on counting, for its connections outlive it;
 * what begins to listen is added. The kernel is asked through sock_diag, and /proc/net/tcp is read where that cannot be had.
 */
export function openConnectionCounter(
  app: number,
  ffi: Ffi | { readonly missing: string } = loadFfi(),
): ConnectionCounter {
  const ends = new Map<number, 'all' | Set<string>>();
  let table: ReadonlySet<string> | null = null;
  let diag: SockDiag | null = diagFor(app, ffi);
  let seen: ReadonlySet<number> | null = null;
  let seenBefore: ReadonlySet<number> = new Set();

  /** Why the app's listening sockets cannot be told, or null. */
  const refreshEnds = (): string | null => {
    const now = listeningInodes(app).split(',');
    // To ask whose they are costs a look at every descriptor of the app, so it is done only for what is new.
    if (now.every((inode) => table?.has(inode))) return null;
    const found = listenersOf(app);
    if (found.kind === 'unknowable') return 'which sockets are its own cannot be told here';
    table = new Set(now);
    for (const { address, port } of found.listeners) {
      const key = endKey(address.includes(':') ? 6 : 4, port);
      const known = ends.get(key);
      if (address === '::' || address === '0.0.0.0') ends.set(key, 'all');
      else if (known !== 'all') ends.set(key, new Set(known).add(address));
    }
    return null;
  };

  const ask = (): { connections: readonly Connection[]; ended: readonly Connection[] } | null => {
    if (diag !== null) {
      try {
        return { ended: diag.ended(ends), connections: diag.connections(ends) };
      } catch {
        diag.close();
        diag = null;
        // The other source has other keys: what it shows first has not arrived just now.
        seen = null;
      }
    }
    const connections = connectionsIn(app, ends);
    return connections === null ? null : { connections, ended: [] };
  };

  return {
    count(ownPorts) {
      const problem = refreshEnds();
      if (problem !== null) return { kind: 'uncountable', reason: problem };
      const answer = ask();
      if (answer === null) return { kind: 'uncountable', reason: 'cannot read /proc/net/tcp' };
      const isOwn = ({ isFromHere, remotePort }: Connection): boolean => isFromHere && ownPorts.has(remotePort);
      let open = 0;
      let busy = 0;
      let inFlight = 0;
      const keys = new Set<number>();
      const arrivals = new Set<number>();
      const note = ({ key }: Connection): void => {
        if (seen !== null && !seen.has(key) && !seenBefore.has(key)) arrivals.add(key);
      };
      for (const connection of answer.connections) {
        // What is read while it changes may hold a row twice.
        if (keys.has(connection.key)) continue;
        keys.add(connection.key);
        if (isOwn(connection)) continue;
        note(connection);
        if (!isOpen(connection)) continue;
        open += 1;
        if (isBusy(connection)) busy += 1;
        if (isInFlight(connection)) inFlight += 1;
      }
      for (const connection of answer.ended) if (!isOwn(connection)) note(connection);
      seenBefore = seen ?? keys;
      seen = keys;
      return { kind: 'counted', open, busy, inFlight, arrived: arrivals.size };
    },
    close: () => diag?.close(),
  };
}

/** A socket of ours answers for our network namespace, so an app that has one of its own is looked at through /proc. */
function diagFor(app: number, ffi: Ffi | { readonly missing: string }): SockDiag | null {
  if ('missing' in ffi || networkNamespaceOf(app) !== networkNamespaceOf('self')) return null;
  const diag = openSockDiag(ffi);
  return 'missing' in diag ? null : diag;
}
