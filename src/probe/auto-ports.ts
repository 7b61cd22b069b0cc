import type { ListeningSocket } from './auto.ts';

/** Milliseconds. A port that is bound again, as at a reload, is open again by then. */
const CLOSED_AFTER = 1_000;
/** Where the kernel begins with the ports that it chooses itself (net.ipv4.ip_local_port_range), which come and go. */
const CHOSEN_BY_KERNEL = 32_768;

/** The ports that clients can reach, in order; where all are loopback-only, these. */
export function openPortsOf(
  listeners: readonly ListeningSocket[],
  isLoopback: (address: string) => boolean,
): readonly number[] {
  const reachable = listeners.filter(({ address }) => !isLoopback(address));
  const counted = reachable.length > 0 ? reachable : listeners;
  return [...new Set(counted.map(({ port }) => port))].sort((a, b) => a - b);
}

/** Notices which of an app's ports close while others are open. */
export type PortWatch = {
  /** Called with the open ports at each look; returns those that have closed for good, each once. */
  readonly look: (open: readonly number[], at: number) => readonly number[];
  /** Whether a port is missing that may be open again. */
  readonly isMissingOne: () => boolean;
};

export function watchPorts(): PortWatch {
  const known = new Set<number>();
  const missing = new Map<number, number>();
  let first = true;
  return {
    isMissingOne: () => missing.size > 0,
    look(open, at) {
      for (const port of open) {
        missing.delete(port);
        if (first || port < CHOSEN_BY_KERNEL) known.add(port);
      }
      first = false;
      const closed: number[] = [];
      for (const port of known) {
        if (open.includes(port)) continue;
        const since = missing.get(port);
        if (since === undefined) missing.set(port, at);
        else if (at - since >= CLOSED_AFTER) {
          closed.push(port);
          known.delete(port);
          missing.delete(port);
        }
      }
      return closed.sort((a, b) => a - b);
    },
  };
}

/** null: none has closed. */
export function closedRemark(closed: readonly number[], open: readonly number[]): string | undefined {
  if (closed.length === 0) return undefined;
  const names = (ports: readonly number[]): string => `${ports.length === 1 ? 'port' : 'ports'} ${ports.join(', ')}`;
  return `The app no longer listens on ${names(closed)}; it stays ready, because ${names(open)} ${open.length === 1 ? 'is' : 'are'} open. To probe one port, set --ready tcp://:PORT`;
}
