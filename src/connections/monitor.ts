import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { Cancel, Clock } from '../clock.ts';
import type { UntimedEvent } from '../lifecycle/event.ts';
import { type ConnectionCounter, openConnectionCounter } from './counter.ts';
import type { CutSoFar } from './cut-requests.ts';

/** Counts the app's connections during the shutdown, until it is over. */
export type ConnectionMonitor = {
  /** Counts now and then repeatedly; from `shortestIntervalFrom` on at the shortest interval. `signalled`: the app was told to stop. */
  readonly countConnections: (shortestIntervalFrom: number | null, signalled: boolean) => void;
  /** The app is gone: counts no more, and finds out what its end has cut. */
  readonly stopCounting: () => void;
  /** Its leftovers are gone as well, so what is in flight still was cut. Resolves when `requestsCut` was called, if it has to be. */
  readonly settle: () => Promise<void>;
};

export type ConnectionMonitorDeps = {
  readonly clock: Clock;
  readonly app: () => number | null;
  readonly post: (event: UntimedEvent) => void;
  /** Called once after `stopCounting`, unless nothing was counted: how many requests the app's end has cut. */
  readonly requestsCut: (count: number) => void;
  /** Called once: a connection to this port of the app got a further request during the shutdown. */
  readonly reused: (port: number) => void;
  /** Runs work whose fault must not end the app. */
  readonly contained: (domain: 'connections', work: () => Promise<void>) => void;
};

/** Milliseconds. Short beside the delay and the grace, so that the end of the last request is seen soon. */
const COUNT_EVERY = 100;
/** Milliseconds. For finding a moment between two requests, which lasts only a few milliseconds. */
const COUNT_CLOSELY_EVERY = 10;
/**
 * After a count the monitor waits for at least this many times the CPU time that it took, so that counting takes at most 2 % of
 * a core whatever the number of sockets. 1/80 leaves some of that for garbage collection and for handling the event.
 */
const REST_FACTOR = 80;
/** The channel on which node:net announces client sockets: nodejs.org/api/diagnostics_channel.html, Net. */
const CLIENT_SOCKET = 'net.client.socket';
/** Milliseconds between two attempts while connections cannot be counted. */
const RETRY_EVERY = 1_000;

/** Milliseconds between two looks for the ends of connections, which the kernel tells within a few, and how long they last at most. */
const LOOK_EVERY = 5;
const LOOK_FOR = 50;

export function createConnectionMonitor({
  clock,
  app,
  post,
  requestsCut,
  reused,
  contained,
}: ConnectionMonitorDeps): ConnectionMonitor {
  let counter: ConnectionCounter | null = null;
  let cancel: Cancel = () => {};
  let isSubscribed = false;
  let isAfterEnd = false;
  let isReuseKnown = false;
  let costBefore = 0;
  let shortestIntervalFrom = Number.POSITIVE_INFINITY;
  const ownPorts = new Set<number>();

  /** Connections of k8s-run's own probes (`--readiness-on-drain keep`) are no traffic, not even after they were closed. */
  const noteOwnPort = (message: unknown): void => {
    const { socket } = message as { readonly socket: Socket };
    socket.once('connect', () => socket.localPort !== undefined && ownPorts.add(socket.localPort));
  };

  const countAfter = (delay: number): void => {
    cancel();
    cancel = clock.after(delay, () => contained('connections', async () => countNow()));
  };

  const interval = (): number => {
    const left = shortestIntervalFrom - clock.now();
    return left <= 0 ? COUNT_CLOSELY_EVERY : Math.min(COUNT_EVERY, left);
  };

  const countNow = (): void => {
    const pid = app();
    if (pid === null) return;
    const from = cpuTime();
    try {
      counter ??= openConnectionCounter(pid);
      const count = counter.count(ownPorts, clock.now());
      const cost = cpuTime() - from;
      // The smaller of two costs, because one-time work, such as finding the app's sockets, must not delay the next count.
      const rest = Math.min(cost, costBefore) * REST_FACTOR;
      costBefore = cost;
      countAfter(Math.max(count.kind === 'counted' ? interval() : RETRY_EVERY, rest));
      tellReuse(counter.reusedPort());
      post({ type: 'connectionsCounted', count });
    } catch (error) {
      countAfter(RETRY_EVERY);
      post({ type: 'connectionsCounted', count: { kind: 'uncountable', reason: (error as Error).message } });
    }
  };

  const close = (): void => {
    cancel();
    unsubscribe(CLIENT_SOCKET, noteOwnPort);
    // The next life of the app, after a restart, has probes of its own.
    isSubscribed = false;
    ownPorts.clear();
    isAfterEnd = false;
    counter?.close();
    counter = null;
  };

  /** Looks until it is known what was cut, or for LOOK_FOR. `leftovers`: those that may still respond are waited for. */
  const lookAfterEnd = (leftovers: 'may respond' | 'gone', until = clock.now() + LOOK_FOR): Promise<void> => {
    cancel();
    isAfterEnd = true;
    const { promise, resolve } = Promise.withResolvers<void>();
    const done = (count: number | null): void => {
      close();
      if (count !== null) requestsCut(count);
      resolve();
    };
    const look = (): void => {
      let found: CutSoFar | null = null;
      try {
        found = counter?.cutRequests(ownPorts, clock.now()) ?? null;
      } finally {
        if (found === null) done(null);
      }
      if (found === null) return;
      const { cut, unknown, inFlight } = found;
      if (inFlight > 0 && leftovers === 'may respond') again(COUNT_EVERY);
      else if (unknown + inFlight > 0 && clock.now() < until) again(LOOK_EVERY);
      else done(cut + unknown + inFlight);
    };
    const again = (delay: number): void => {
      cancel = clock.after(delay, () => contained('connections', async () => look()));
    };
    look();
    return promise;
  };

  const tellReuse = (port: number | null): void => {
    if (port === null || isReuseKnown) return;
    isReuseKnown = true;
    reused(port);
  };

  return {
    countConnections(from, signalled) {
      if (isAfterEnd) close();
      if (signalled) counter?.appEnds();
      shortestIntervalFrom = from ?? Number.POSITIVE_INFINITY;
      if (!isSubscribed) subscribe(CLIENT_SOCKET, noteOwnPort);
      isSubscribed = true;
      // After a turn of the event loop, so that /readyz fails first.
      countAfter(0);
    },
    stopCounting: () => void lookAfterEnd('may respond'),
    settle: () => (counter === null ? Promise.resolve() : lookAfterEnd('gone')),
  };
}

/** The CPU time of this thread in milliseconds. Unlike elapsed time, it does not grow when the machine is busy with other work. */
function cpuTime(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
