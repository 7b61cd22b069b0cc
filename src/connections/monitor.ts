import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { Cancel, Clock } from '../clock.ts';
import type { UntimedEvent } from '../lifecycle/event.ts';
import { type ConnectionCounter, openConnectionCounter } from './counter.ts';

/** Counts the app's connections while it is shut down. */
export type ConnectionMonitor = {
  /** At once, and then time and again; from `closelyFrom` on as often as may be. */
  readonly countConnections: (closelyFrom: number | null) => void;
  readonly stopCounting: () => void;
};

export type ConnectionMonitorDeps = {
  readonly clock: Clock;
  readonly app: () => number | null;
  readonly post: (event: UntimedEvent) => void;
  /** Runs work whose fault must not end the app. */
  readonly contained: (domain: 'connections', work: () => Promise<void>) => void;
};

/** Often enough that nobody notices how late the end of a request is seen. */
const COUNT_EVERY = 100;
/** Where the moment between two requests is looked for, which lasts a few milliseconds. */
const COUNT_CLOSELY_EVERY = 10;
/**
 * A count is followed by at least so many times the CPU time it took, whatever the number of sockets. Two hundredths of a core may
 * be taken, and some of that is for what is not seen here: garbage collection, what is done with the count.
 */
const REST = 80;
/** node:net's own channel of what it connects: nodejs.org/api/diagnostics_channel.html#net. */
const CLIENT_SOCKET = 'net.client.socket';
/** Between two tries where connections cannot be counted. */
const TRY_EVERY = 1_000;

export function createConnectionMonitor({ clock, app, post, contained }: ConnectionMonitorDeps): ConnectionMonitor {
  let counter: ConnectionCounter | null = null;
  let cancel: Cancel = () => {};
  let isSubscribed = false;
  let costBefore = 0;
  let closelyFrom = Number.POSITIVE_INFINITY;
  const ownPorts = new Set<number>();

  /** Probes that go on (`--readiness-on-drain keep`) are no traffic; nor are they once they have hung up. */
  const noteOwn = (message: unknown): void => {
    const { socket } = message as { readonly socket: Socket };
    socket.once('connect', () => socket.localPort !== undefined && ownPorts.add(socket.localPort));
  };

  const later = (delay: number): void => {
    cancel();
    cancel = clock.after(delay, () => contained('connections', async () => countNow()));
  };

  const pace = (): number => {
    const left = closelyFrom - clock.now();
    return left <= 0 ? COUNT_CLOSELY_EVERY : Math.min(COUNT_EVERY, left);
  };

  const countNow = (): void => {
    const pid = app();
    if (pid === null) return;
    const from = cpuTime();
    try {
      counter ??= openConnectionCounter(pid);
      const count = counter.count(ownPorts);
      const cost = cpuTime() - from;
      // The lesser of two: what is done once, such as to find the app's sockets, must not put off what comes next.
      const rest = Math.min(cost, costBefore) * REST;
      costBefore = cost;
      later(Math.max(count.kind === 'counted' ? pace() : TRY_EVERY, rest));
      post({ type: 'connectionsCounted', count });
    } catch (error) {
      later(TRY_EVERY);
      post({ type: 'connectionsCounted', count: { kind: 'uncountable', reason: (error as Error).message } });
    }
  };

  return {
    countConnections(from) {
      closelyFrom = from ?? Number.POSITIVE_INFINITY;
      if (!isSubscribed) subscribe(CLIENT_SOCKET, noteOwn);
      isSubscribed = true;
      // After a turn of the event loop: /readyz fails first.
      later(0);
    },
    stopCounting() {
      cancel();
      unsubscribe(CLIENT_SOCKET, noteOwn);
      counter?.close();
      counter = null;
    },
  };
}

/** Milliseconds that this thread has had of the CPU: a machine that is busy with others makes no count dearer. */
function cpuTime(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
