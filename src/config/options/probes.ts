import { parseProbe } from '../parse-probe.ts';
import type { ProbeSpec } from '../probe-spec.ts';
import { number, type ReadValue } from '../values.ts';
import { duration, type Option } from './row.ts';

export const PROBES: {
  readonly ready: Option<ProbeSpec>;
  readonly live: Option<ProbeSpec>;
  readonly startup: Option<ProbeSpec | null>;
  readonly probePeriod: Option<number>;
  readonly probeTimeout: Option<number>;
  readonly successThreshold: Option<number>;
  readonly failureThreshold: Option<number>;
} = {
  ready: probe('ready', 'auto', 'is the app ready for traffic'),
  live: probe('live', 'process', 'is the app alive'),
  startup: {
    ...probe('startup', 'auto', 'has the app started; asked until it first passes'),
    fallback: null,
    fallbackWords: 'the ready probe',
  },
  probePeriod: duration('probe-period', '1s', 'probes', 1, 'time between two questions, once the app has answered one'),
  probeTimeout: duration('probe-timeout', '1s', 'probes', 1, 'no answer in this time is a failure'),
  successThreshold: count('success-threshold', '1', 'consecutive successes that make a probe pass'),
  failureThreshold: count('failure-threshold', '3', 'consecutive failures that make it fail'),
};

function probe(flag: string, fallback: string, help: string): Option<ProbeSpec> {
  return { flag, takes: '<probe>', fallback, group: 'probes', help, read: parseProbe };
}

function count(flag: string, fallback: string, help: string): Option<number> {
  const read = (text: string): ReadValue<number> => number(text, 1, 1_000_000, 'a whole number, 1 or more');
  return { flag, takes: '<n>', fallback, group: 'probes', help, read };
}
