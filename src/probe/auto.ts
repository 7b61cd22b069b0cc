import { bracketed } from '../config/probe-spec.ts';
import type { Probe, ProbeAnswer } from './answer.ts';
import { isInspector } from './inspector.ts';
import { tryConnection } from './tcp.ts';

/** A listening socket, as far as this probe must know it. */
export type ListeningSocket = { readonly address: string; readonly port: number };

/** What linux/listeners.ts tells. It knows more of a listener than this, and gets its own record back. */
export type SocketReader = {
  readonly listenersOf: (
    app: number,
  ) =>
    | { readonly kind: 'owned' | 'told by uid'; readonly listeners: readonly ListeningSocket[] }
    | { readonly kind: 'unknowable' };
  /** The same text as long as the same sockets listen, whosoever they are: cheap beside asking whose. */
  readonly tableOf: (app: number) => string;
  stillListens(app: number, listener: ListeningSocket): boolean;
  readonly isLoopback: (address: string) => boolean;
  /** Whether only asking it can tell that it is no Node inspector's. */
  mayBeInspector(listener: ListeningSocket): boolean;
};

/** Once ready, a connection is made only this often: some apps log each one. */
const CONNECT_EVERY = 10_000;
/** While the same sockets listen, whose they are is asked this often: for a worker this goes on as long as it lives. */
const SCAN_EVERY = 1_000;
/** Long enough for slow starts, short enough to be read while one still wonders why a worker never gets ready. */
const HINT_AFTER = 30_000;

/**
 * Passes when the app listens on TCP and each of its sockets that is not for loopback only accepts a connection. It says
 * "port open", not "can serve".
 */
export function autoProbe(app: number, sockets: SocketReader, now: () => number): Probe {
  let known: readonly ListeningSocket[] = [];
  let connectAt = 0;
  let scan = { table: '', at: Number.NEGATIVE_INFINITY, kind: 'owned' };
  const begunAt = now();
  let asked: { table: string; verdicts: Map<string, boolean> } = { table: '', verdicts: new Map() };

  /** Each is asked once, as long as the same sockets listen. */
  const withoutInspectors = async (
    found: readonly ListeningSocket[],
    table: string,
    cancelled: AbortSignal,
  ): Promise<readonly ListeningSocket[]> => {
    if (asked.table !== table) asked = { table, verdicts: new Map() };
    const { verdicts } = asked;
    for (const listener of found.filter((each) => sockets.mayBeInspector(each))) {
      const at = keyOf(listener);
      if (!verdicts.has(at)) verdicts.set(at, await isInspector(listener.address, listener.port, cancelled));
    }
    return found.filter((each) => verdicts.get(keyOf(each)) !== true);
  };

  return async (cancelled) => {
    const gone = known.length === 0 || !known.every((listener) => sockets.stillListens(app, listener));
    if (gone) {
      known = [];
      connectAt = 0;
      const table = sockets.tableOf(app);
      if (table !== scan.table || now() - scan.at >= SCAN_EVERY) {
        const found = sockets.listenersOf(app);
        scan = { table, at: now(), kind: found.kind };
        if (found.kind !== 'unknowable') known = await withoutInspectors(found.listeners, table, cancelled);
      }
      if (scan.kind === 'unknowable') return UNKNOWN_LISTENERS;
      if (known.length === 0) return nothingListens(now() - begunAt >= HINT_AFTER);
    }
    const remark = known.every(({ address }) => sockets.isLoopback(address)) ? loopbackOnly(known) : undefined;
    if (now() < connectAt) return passed(remark);
    for (const { address, port } of reachable(known, sockets)) {
      const refusal = await connectTo(address, port, cancelled);
      if (refusal === null) continue;
      known = [];
      scan = { ...scan, table: '' };
      return refusal;
    }
    connectAt = now() + CONNECT_EVERY;
    return passed(remark);
  };
}

const keyOf = ({ address, port }: ListeningSocket): string => `${address} ${port}`;

/** Each address and port once (SO_REUSEPORT has many sockets on one), without those for loopback only. */
function reachable(
  listeners: readonly ListeningSocket[],
  sockets: Pick<SocketReader, 'isLoopback'>,
): readonly ListeningSocket[] {
  const distinct = new Map(listeners.map((listener) => [keyOf(listener), listener]));
  return [...distinct.values()].filter(({ address }) => !sockets.isLoopback(address));
}

/** A socket bound to all addresses is reached through loopback; `::` may be for IPv6 only, or IPv6 may lack its loopback. */
async function connectTo(address: string, port: number, cancelled: AbortSignal): Promise<ProbeAnswer | null> {
  if (address === '0.0.0.0') return tryConnection('127.0.0.1', port, cancelled);
  if (address !== '::') return tryConnection(address, port, cancelled);
  const refusal = await tryConnection('::1', port, cancelled);
  return refusal === null ? null : tryConnection('127.0.0.1', port, cancelled);
}

function passed(remark: string | undefined): ProbeAnswer {
  return remark === undefined ? { kind: 'passed' } : { kind: 'passed', remark };
}

function nothingListens(hint: boolean): ProbeAnswer {
  const reason = 'the app listens on no TCP port';
  if (!hint) return { kind: 'failed', reason };
  return { kind: 'failed', reason, remark: `${reason}; for a worker that never will, give --ready process` };
}

function loopbackOnly(listeners: readonly ListeningSocket[]): string {
  const ports = listeners.map(({ address, port }) => `${bracketed(address)}:${port}`).join(', ');
  return `The app listens on loopback only (${ports}): nothing outside its pod can reach it; bind it to 0.0.0.0 or ::`;
}

const UNKNOWN_LISTENERS: ProbeAnswer = {
  kind: 'failed',
  reason: "the app's sockets may not be read, and on the host's network they cannot be told from others'",
  remark:
    "cannot find the app's port: /proc does not tell its sockets (not mounted; or another uid, or no SYS_PTRACE, on the host's network); give --ready tcp://:PORT",
};
