import { oneOf } from '../values.ts';
import { duration, durationOrZero, type Option } from './row.ts';

const DRAIN: Option<number> = durationOrZero(
  'drain-connections',
  'off',
  'shutdown',
  'limit of the wait after the delay, while requests are in flight or connections arrive; off: no wait',
);
const PERIOD: Option<number> = duration(
  'termination-grace-period',
  '–',
  'shutdown',
  'terminationGracePeriodSeconds of the pod; unset phases are derived from it, and what does not fit is an error',
);

export const SHUTDOWN_OPTIONS: {
  readonly shutdownDelay: Option<number>;
  readonly drainConnections: Option<number>;
  readonly grace: Option<number>;
  readonly terminationGracePeriod: Option<number | null>;
  readonly readinessOnDrain: Option<'fail' | 'keep'>;
} = {
  shutdownDelay: durationOrZero(
    'shutdown-delay',
    '5s',
    'shutdown',
    'delay between failing readiness and signalling the app, while endpoints are removed',
  ),
  drainConnections: {
    ...DRAIN,
    read: (text) => (text === 'off' ? { ok: 0 } : DRAIN.read(text)),
  },
  grace: durationOrZero('grace', '20s', 'shutdown', 'time from the stop signal until SIGKILL'),
  terminationGracePeriod: { ...PERIOD, fallback: null },
  readinessOnDrain: {
    flag: 'readiness-on-drain',
    takes: '<fail|keep>',
    fallback: 'fail',
    group: 'shutdown',
    help: 'readiness during the delay; keep: as its probe says (a single pod behind externalTrafficPolicy: Local)',
    read: (text) => oneOf(text, ['fail', 'keep']),
  },
};
