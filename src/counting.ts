import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { Cancel, Clock } from './clock.ts';
import { type Counter, openCounter } from './container/connections.ts';
import type { Unstamped } from './supervisor.ts';

/** Counts the app's connections while it is shut down. */
export type Counting = {
  /** At once, and then time and again. */
  readonly countConnections: () => void;
  readonly stopCounting: () => void;
};

export type CountingTools = {
  readonly clock: Clock;
  readonly app: () => number | null;
  readonly post: (event: Unstamped) => void;
  /** Runs work whose fault must not end the app. */
  readonly contained: (room: 'container', work: () => Promise<void>) => void;
};

/** Often enough that nobody notices how late the end of a request is seen. */
const COUNT_EVERY = 100;
/** A count is followed by at least so many times its own length: two hundredths of a core, whatever the number of sockets. */
const REST = 50;
/** node:net's own channel of what it connects: nodejs.org/api/diagnostics_channel.html#net. */
const CLIENT_SOCKET = 'net.client.socket';
/** Between two tries where connections cannot be counted. */
const TRY_EVERY = 1_000;

export function counting({ clock, app, post, contained }: CountingTools): Counting {
  let counter: Counter | null = null;
  let cancel: Cancel = () => {};
  let isHearing = false;
  const ownPorts = new Set<number>();

  /** Probes that go on (`--readiness-on-drain keep`) are no traffic; nor are they once they have hung up. */
  const noteOwn = (message: unknown): void => {
    const { socket } = message as { readonly socket: Socket };
    socket.once('connect', () => socket.localPort !== undefined && ownPorts.add(socket.localPort));
  };

  const later = (delay: number): void => {
    cancel();
    cancel = clock.after(delay, () => contained('container', async () => countNow()));
  };

  const countNow = (): void => {
    const pid = app();
    if (pid === null) return;
    const from = clock.now();
    try {
      counter ??= openCounter(pid);
      const count = counter.count(ownPorts);
      later(Math.max(count.kind === 'counted' ? COUNT_EVERY : TRY_EVERY, (clock.now() - from) * REST));
      post({ type: 'connectionsCounted', count });
    } catch (error) {
      later(TRY_EVERY);
      post({ type: 'connectionsCounted', count: { kind: 'uncountable', reason: (error as Error).message } });
    }
  };

  return {
    countConnections() {
      if (!isHearing) subscribe(CLIENT_SOCKET, noteOwn);
      isHearing = true;
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
