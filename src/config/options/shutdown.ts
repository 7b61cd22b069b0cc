import { oneOf } from '../values.ts';
import { duration, type Option } from './row.ts';

const WAIT: Option<number> = duration(
  'drain-connections',
  'off',
  'shutdown',
  0,
  'after the pause, wait up to this long while the app has requests in hand or new connections come in',
);
const PERIOD: Option<number> = duration(
  'termination-grace-period',
  '–',
  'shutdown',
  1,
  "the pod's terminationGracePeriodSeconds: what was not set is derived from it, what does not fit is an error",
);

export const SHUTDOWN: {
  readonly shutdownDelay: Option<number>;
  readonly drainConnections: Option<number>;
  readonly grace: Option<number>;
  readonly terminationGracePeriod: Option<number | null>;
  readonly readinessOnDrain: Option<'fail' | 'keep'>;
} = {
  shutdownDelay: duration(
    'shutdown-delay',
    '5s',
    'shutdown',
    0,
    'pause between failing readiness and signalling the app, while endpoints are removed',
  ),
  drainConnections: {
    ...WAIT,
    fallback: 'off',
    read: (text) => (text === 'off' ? { ok: 0 } : WAIT.read(text)),
  },
  grace: duration('grace', '20s', 'shutdown', 0, 'time the app gets after its signal until SIGKILL'),
  terminationGracePeriod: {
    ...PERIOD,
    fallback: null,
  },
  readinessOnDrain: {
    flag: 'readiness-on-drain',
    takes: '<fail|keep>',
    fallback: 'fail',
    group: 'shutdown',
    help: 'keep leaves readiness as it is during the pause (a single pod behind externalTrafficPolicy: Local)',
    read: (text) => oneOf(text, ['fail', 'keep']),
  },
};
