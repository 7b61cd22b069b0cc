import { parseProbe } from '../parse-probe.ts';
import type { ProbeSpec } from '../probe-spec.ts';
import { number, type ReadValue } from '../values.ts';
import { duration, type Option } from './row.ts';

export const PROBE_OPTIONS: {
  readonly ready: Option<ProbeSpec>;
  readonly live: Option<ProbeSpec>;
  readonly startup: Option<ProbeSpec | null>;
  readonly probePeriod: Option<number>;
  readonly probeTimeout: Option<number>;
  readonly successThreshold: Option<number>;
  readonly failureThreshold: Option<number>;
} = {
  ready: probe('ready', 'auto', 'readiness probe: whether the app can take traffic'),
  live: probe('live', 'process', 'liveness probe: whether the app is alive'),
  startup: {
    ...probe('startup', 'auto', 'startup probe: whether the app has started; it runs until it first passes'),
    fallback: null,
    fallbackWords: 'the ready probe',
  },
  probePeriod: duration(
    'probe-period',
    '1s',
    'probes',
    'interval between probes; before the first success 50 to 100 ms, for 10 s',
  ),
  probeTimeout: duration('probe-timeout', '1s', 'probes', 'time after which a probe without an answer fails'),
  successThreshold: count('success-threshold', '1', 'consecutive successes after which a probe passes'),
  failureThreshold: count('failure-threshold', '3', 'consecutive failures after which a probe fails'),
};

function probe(flag: string, fallback: string, help: string): Option<ProbeSpec> {
  return { flag, takes: '<probe>', fallback, group: 'probes', help, read: parseProbe };
}

function count(flag: string, fallback: string, help: string): Option<number> {
  const read = (text: string): ReadValue<number> => number(text, 1, 1_000_000, 'a whole number, 1 or more');
  return { flag, takes: '<n>', fallback, group: 'probes', help, read };
}
