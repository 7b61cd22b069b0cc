import { bracketed } from '../config/probe-spec.ts';
import type { Probe, ProbeAnswer } from './answer.ts';
import { closedRemark, openPortsOf, watchPorts } from './auto-ports.ts';
import { isInspector } from './inspector.ts';
import { tryConnection } from './tcp.ts';

/** A listening socket, as far as this probe needs it. */
export type ListeningSocket = { readonly address: string; readonly port: number };

/** The functions of linux/listeners.ts. Its own records have more fields, and it gets them back. */
export type SocketReader = {
  readonly listenersOf: (
    app: number,
  ) =>
    | { readonly kind: 'owned' | 'same uid'; readonly listeners: readonly ListeningSocket[] }
    | { readonly kind: 'unknowable' };
  /** The same text as long as the same sockets listen, independent of their owners. Much cheaper than finding the owners. */
  readonly listeningInodes: (app: number) => string;
  stillListens(app: number, listener: ListeningSocket): boolean;
  readonly isLoopback: (address: string) => boolean;
  /** Whether it may belong to a Node inspector, which only a request to it can confirm. */
  mayBeInspector(listener: ListeningSocket): boolean;
};

/** Milliseconds. Once the app is ready, a connection is made only this often, because some apps log each one. */
const CONNECT_EVERY = 10_000;
/**
 * Milliseconds. While the same sockets listen, their owners are looked up again after this time, because the descriptors of a process that
 * changes its user cannot be read for a moment; each time after twice as long as before, up to LONGEST_SCAN_EVERY.
 */
const SCAN_EVERY = 1_000;
const LONGEST_SCAN_EVERY = 30_000;
const START_IS_OVER = 10_000;
/**
 * A look for sockets, and one for their owners, rests this many times what it took: at most a twentieth of a core while the app
 * starts, a thousandth later; not longer than LONGEST_REST. It matters without sock_diag, where /proc/net/tcp takes milliseconds,
 * and for an app of a thousand processes.
 */
const REST_AT_START = 20;
const REST_LATER = 1_000;
const LONGEST_REST = 10_000;
/** Milliseconds: longer than most starts, and soon enough for a user who waits for a worker that never gets ready. */
const HINT_AFTER = 30_000;

/**
 * Passes when the app listens on TCP, and each of its sockets that is not loopback-only accepts a connection. It proves that
 * a port is open, not that the app can serve.
 */
export function autoProbe(app: number, sockets: SocketReader, now: () => number): Probe {
  let listeners: readonly ListeningSocket[] = [];
  let connectAt = 0;
  /** What was found when owners were last looked up; sockets that listen since then are not in `inodes`. */
  let scan = { inodes: '', at: Number.NEGATIVE_INFINITY, every: SCAN_EVERY, notBefore: 0, kind: 'owned' };
  const startedAt = now();
  let lookNotBefore = 0;
  const watch = watchPorts();
  let open: readonly number[] = [];
  let seen = '';
  let inspectors: { inodes: string; found: Map<string, boolean> } = { inodes: '', found: new Map() };

  /** Each listener that may be an inspector's gets one request, as long as the same sockets listen. */
  const withoutInspectors = async (
    found: readonly ListeningSocket[],
    inodes: string,
    cancelled: AbortSignal,
  ): Promise<readonly ListeningSocket[]> => {
    if (inspectors.inodes !== inodes) inspectors = { inodes, found: new Map() };
    const known = inspectors.found;
    for (const listener of found.filter((each) => sockets.mayBeInspector(each))) {
      const key = keyOf(listener);
      if (!known.has(key)) known.set(key, await isInspector(listener.address, listener.port, cancelled));
    }
    return found.filter((each) => known.get(keyOf(each)) !== true);
  };

  /** Ports that were opened later, or again, are known by this, but no connection is made to them: it could take a client's place. */
  const lookAgain = (): void => {
    const inodes = sockets.listeningInodes(app);
    if (inodes === seen) return;
    seen = inodes;
    const found = sockets.listenersOf(app);
    if (found.kind !== 'unknowable') open = openPortsOf(found.listeners, sockets.isLoopback);
  };

  const lookAtOnce = (): void => {
    lookNotBefore = 0;
    scan = { ...scan, inodes: '', notBefore: 0 };
  };

  return async (cancelled) => {
    const changed = listeners.length === 0 || !listeners.every((listener) => sockets.stillListens(app, listener));
    if (changed) {
      if (listeners.length > 0) lookAtOnce();
      listeners = [];
      connectAt = 0;
      const begunAt = now();
      const withHint = begunAt - startedAt >= HINT_AFTER;
      if (begunAt < lookNotBefore) return scan.kind === 'unknowable' ? UNKNOWN_LISTENERS : notListening(withHint);
      const isStarting = begunAt - startedAt < START_IS_OVER;
      const restOf = (took: number): number => Math.min(LONGEST_REST, took * (isStarting ? REST_AT_START : REST_LATER));
      const inodes = sockets.listeningInodes(app);
      const lookedAt = now();
      lookNotBefore = lookedAt + restOf(lookedAt - begunAt);
      const isChanged = hasNew(inodes, scan.inodes);
      if ((isChanged || lookedAt - scan.at >= scan.every) && lookedAt >= scan.notBefore) {
        const found = sockets.listenersOf(app);
        const at = now();
        const every = isChanged ? SCAN_EVERY : Math.min(LONGEST_SCAN_EVERY, 2 * scan.every);
        scan = { inodes, at, every, notBefore: at + restOf(at - lookedAt), kind: found.kind };
        if (found.kind !== 'unknowable') listeners = await withoutInspectors(found.listeners, inodes, cancelled);
      }
      if (scan.kind === 'unknowable') return UNKNOWN_LISTENERS;
      if (listeners.length === 0) return notListening(withHint);
      open = openPortsOf(listeners, sockets.isLoopback);
      seen = scan.inodes;
    } else if (now() >= connectAt || watch.isMissingOne()) lookAgain();
    const closed = closedRemark(watch.look(open, now()), open);
    const onlyLoopback = listeners.every(({ address }) => sockets.isLoopback(address));
    const remark = onlyLoopback ? loopbackOnlyRemark(listeners) : closed;
    if (now() < connectAt) return passed(remark, open);
    for (const { address, port } of reachable(listeners, sockets)) {
      const failure = await connectTo(address, port, cancelled);
      if (failure === null) continue;
      listeners = [];
      lookAtOnce();
      return failure;
    }
    connectAt = now() + CONNECT_EVERY;
    return passed(remark, open);
  };
}

/** Whether a socket listens that did not before. One that is closed has no owner to be looked up. */
function hasNew(inodes: string, before: string): boolean {
  if (inodes === before) return false;
  const known = new Set(before.split(','));
  return inodes.split(',').some((inode) => !known.has(inode));
}

const keyOf = ({ address, port }: ListeningSocket): string => `${address} ${port}`;

/** Each address and port once, because with SO_REUSEPORT many sockets share one; without the loopback-only ones. */
function reachable(
  listeners: readonly ListeningSocket[],
  sockets: Pick<SocketReader, 'isLoopback'>,
): readonly ListeningSocket[] {
  const distinct = new Map(listeners.map((listener) => [keyOf(listener), listener]));
  return [...distinct.values()].filter(({ address }) => !sockets.isLoopback(address));
}

/** A socket bound to all addresses is probed over loopback. `::` may be IPv6 only, or IPv6 may have no loopback address. */
async function connectTo(address: string, port: number, cancelled: AbortSignal): Promise<ProbeAnswer | null> {
  if (address === '0.0.0.0') return tryConnection('127.0.0.1', port, cancelled);
  if (address !== '::') return tryConnection(address, port, cancelled);
  const failure = await tryConnection('::1', port, cancelled);
  return failure === null ? null : tryConnection('127.0.0.1', port, cancelled);
}

function passed(remark: string | undefined, ports: readonly number[]): ProbeAnswer {
  return remark === undefined ? { kind: 'passed', ports } : { kind: 'passed', ports, remark };
}

function notListening(withHint: boolean): ProbeAnswer {
  const reason = 'the app listens on no TCP port';
  if (!withHint) return { kind: 'failed', reason };
  return { kind: 'failed', reason, remark: 'The app listens on no TCP port; if it is a worker, set --ready process' };
}

function loopbackOnlyRemark(listeners: readonly ListeningSocket[]): string {
  const ports = listeners.map(({ address, port }) => `${bracketed(address)}:${port}`).join(', ');
  return `The app listens on loopback only (${ports}), so nothing outside its pod can reach it; bind it to 0.0.0.0 or ::`;
}

const UNKNOWN_LISTENERS: ProbeAnswer = {
  kind: 'failed',
  reason:
    "the app's sockets may not be read, and on the host's network they cannot be distinguished from those of other processes",
  remark:
    "cannot find the app's port: /proc does not show its sockets (not mounted; or another uid, or no SYS_PTRACE, on the host's network); set --ready tcp://:PORT",
};
