import { oneOf, readSignal, readSwitch } from '../values.ts';
import { duration, durationOrZero, type Option } from './row.ts';

const DRAIN: Option<number> = durationOrZero(
  'drain-connections',
  '–',
  'shutdown',
  'part of the grace that may be spent, before the signal, waiting for requests in flight and new connections; off: none',
);
const PERIOD: Option<number> = duration(
  'termination-grace-period',
  '–',
  'shutdown',
  'terminationGracePeriodSeconds of the pod; unset phases are derived from it, and what does not fit is an error',
);

export const SHUTDOWN_OPTIONS: {
  readonly shutdownDelay: Option<number>;
  readonly drainConnections: Option<number | null>;
  readonly grace: Option<number>;
  readonly terminationGracePeriod: Option<number | null>;
  readonly readinessOnDrain: Option<'fail' | 'keep'>;
  readonly drainSignal: Option<number | null>;
  readonly nodeDrain: Option<boolean>;
  readonly events: Option<boolean>;
} = {
  shutdownDelay: durationOrZero(
    'shutdown-delay',
    '5s',
    'shutdown',
    'delay between failing readiness and signalling the app, while endpoints are removed',
  ),
  drainConnections: {
    ...DRAIN,
    fallback: null,
    fallbackWords: 'half of the grace, 10s at most',
    read: (text) => (text === 'off' ? { ok: 0 } : DRAIN.read(text)),
  },
  grace: durationOrZero('grace', '20s', 'shutdown', 'time from the end of the delay until SIGKILL'),
  terminationGracePeriod: { ...PERIOD, fallback: null },
  readinessOnDrain: {
    flag: 'readiness-on-drain',
    takes: '<fail|keep>',
    fallback: 'fail',
    group: 'shutdown',
    help: 'readiness until the app is signalled; keep: as its probe says (a single pod behind externalTrafficPolicy: Local)',
    read: (text) => oneOf(text, ['fail', 'keep']),
  },
  drainSignal: {
    flag: 'drain-signal',
    takes: '<signal>',
    fallback: null,
    group: 'shutdown',
    help: 'signal that the app is sent when the shutdown begins, before the delay: to stop keeping connections alive',
    read: readSignal,
  },
  nodeDrain: {
    flag: 'node-drain',
    takes: null,
    fallback: 'false',
    fallbackWords: 'off',
    group: 'shutdown',
    help: 'ask clients of a Node app to leave while it is terminating: Connection: close, GOAWAY, WebSocket close 1001',
    read: readSwitch,
  },
  events: {
    flag: 'events',
    takes: null,
    fallback: 'false',
    fallbackWords: 'off',
    group: 'shutdown',
    help: 'open a Unix socket that tells the app each phase as a JSON line; the app finds its name in K8S_RUN_EVENTS',
    read: readSwitch,
  },
};
