import { duration, type Option } from '../option.ts';
import { oneOf } from '../read.ts';

export const SHUTDOWN: {
  readonly shutdownDelay: Option<number>;
  readonly grace: Option<number>;
  readonly readinessOnDrain: Option<'fail' | 'keep'>;
} = {
  shutdownDelay: duration(
    'shutdown-delay',
    '5s',
    'shutdown',
    0,
    'pause between failing readiness and signalling the app, while endpoints are removed',
  ),
  grace: duration('grace', '20s', 'shutdown', 0, 'time the app gets after its signal until SIGKILL'),
  readinessOnDrain: {
    flag: 'readiness-on-drain',
    takes: '<fail|keep>',
    fallback: 'fail',
    group: 'shutdown',
    help: 'keep leaves readiness as it is during the pause (a single pod behind externalTrafficPolicy: Local)',
    read: (text) => oneOf(text, ['fail', 'keep']),
  },
};
