import { type ProbeSpec, parseProbe } from '../probe/spec.ts';
import { parseDuration } from './duration.ts';
import { listOfOne, number, oneOf, pair, type Read, readRewrite, readSignal, readStopOn } from './read.ts';

/**
 * One option. The flag, its K8S_RUN_ variable, its help and its line in docs/reference.md all come from this row.
 * `repeats`: given several times, or several values in one variable, separated by commas; each is read to a list of one.
 */
export type Option<T> = {
  readonly flag: string;
  readonly takes: string | null;
  readonly fallback: string | null;
  /** What help and the reference say where `fallback` is not the whole truth. */
  readonly fallbackWords?: string;
  readonly repeats?: true;
  readonly help: string;
  readonly group: OptionGroup;
  readonly read: (text: string) => Read<T>;
};
export type OptionGroup = 'health' | 'probes' | 'shutdown' | 'signals' | 'log';

/** What each option is once it is read. Times are milliseconds, signals numbers; null: derived from something else. */
export type OptionValues = {
  readonly healthPort: number | 'off';
  readonly healthHost: string;
  readonly ready: ProbeSpec;
  readonly live: ProbeSpec;
  readonly startup: ProbeSpec | null;
  readonly probePeriod: number;
  readonly probeTimeout: number;
  readonly successThreshold: number;
  readonly failureThreshold: number;
  readonly shutdownDelay: number;
  readonly grace: number;
  readonly readinessOnDrain: 'fail' | 'keep';
  readonly stopOn: readonly number[];
  readonly stopSignal: number | null;
  readonly rewrite: readonly (readonly [from: number, to: number])[];
  readonly signalScope: 'group' | 'process';
  readonly interactive: boolean | null;
  readonly remapExit: readonly (readonly [from: number, to: number])[];
  readonly logLevel: LogLevel;
  readonly logFormat: 'auto' | 'json' | 'pretty';
};
export type OptionKey = keyof OptionValues;
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export const OPTIONS: { readonly [K in OptionKey]: Option<OptionValues[K]> } = {
  healthPort: {
    flag: 'health-port',
    takes: '<port>',
    fallback: '20080',
    group: 'health',
    help: 'port of the health server; 0 takes any free one and logs it, off opens none',
    read: (text) => (text === 'off' ? { ok: 'off' } : number(text, 0, 65_535, 'a port from 0 to 65535, or off')),
  },
  healthHost: {
    flag: 'health-host',
    takes: '<address>',
    fallback: '::',
    group: 'health',
    help: 'address of the health server; :: takes IPv4 too, and 0.0.0.0 is used where IPv6 is off',
    read: (text) =>
      /^[\w.:%-]+$/.test(text) ? { ok: text } : { problem: 'not an address; write 0.0.0.0, 127.0.0.1 or ::' },
  },
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
  stopOn: {
    flag: 'stop-on',
    takes: '<signals>',
    fallback: 'TERM,INT',
    group: 'signals',
    help: 'received signals that start the shutdown; others are passed on at once; none: only pass on, as tini does',
    read: readStopOn,
  },
  stopSignal: {
    flag: 'stop-signal',
    takes: '<signal>',
    fallback: null,
    fallbackWords: 'the one received, rewritten',
    group: 'signals',
    help: 'what the app is sent to stop',
    read: readSignal,
  },
  rewrite: {
    flag: 'rewrite',
    takes: '<from:to>',
    fallback: null,
    repeats: true,
    group: 'signals',
    help: 'pass a signal on as another one; to 0 drops it',
    read: (text) => listOfOne(readRewrite(text)),
  },
  signalScope: {
    flag: 'signal-scope',
    takes: '<group|process>',
    fallback: 'group',
    group: 'signals',
    help: "who gets signals: the app's process group, or the app alone (prefork servers with a warm shutdown)",
    read: (text) => oneOf(text, ['group', 'process']),
  },
  interactive: {
    flag: 'interactive',
    takes: null,
    fallback: null,
    fallbackWords: 'when PID 1 with a terminal',
    group: 'signals',
    help: 'the app shares the terminal and our process group (shells, REPLs); the keyboard starts no shutdown',
    read: (text) => {
      const word = oneOf(text, ['true', 'false', '1', '0']);
      return 'problem' in word ? word : { ok: word.ok === 'true' || word.ok === '1' };
    },
  },
  remapExit: {
    flag: 'remap-exit',
    takes: '<from:to>',
    fallback: null,
    repeats: true,
    group: 'signals',
    help: 'exit with another code than the app, for example 143:0',
    read: (text) => listOfOne(pair(text, (code) => number(code, 0, 255, 'exit codes from 0 to 255'))),
  },
  logLevel: {
    flag: 'log-level',
    takes: '<level>',
    fallback: 'info',
    group: 'log',
    help: 'debug, info, warn, error or silent',
    read: (text) => oneOf(text, ['debug', 'info', 'warn', 'error', 'silent']),
  },
  logFormat: {
    flag: 'log-format',
    takes: '<auto|json|pretty>',
    fallback: 'auto',
    group: 'log',
    help: 'auto: pretty on a terminal, JSON elsewhere',
    read: (text) => oneOf(text, ['auto', 'json', 'pretty']),
  },
};

/** The row's environment variable. */
export function variableFor(option: Pick<Option<unknown>, 'flag'>): string {
  return `K8S_RUN_${option.flag.toUpperCase().replaceAll('-', '_')}`;
}

function probe(flag: string, fallback: string, help: string): Option<ProbeSpec> {
  return { flag, takes: '<probe>', fallback, group: 'probes', help, read: parseProbe };
}

function duration(flag: string, fallback: string, group: OptionGroup, least: number, help: string): Option<number> {
  const read = (text: string): Read<number> => {
    const parsed = parseDuration(text);
    if (parsed === null) return { problem: 'not a duration; write 25s, 500ms, 1m30s, or a number of seconds' };
    return parsed < least ? { problem: 'must be more than nothing; write 500ms or 1s' } : { ok: parsed };
  };
  return { flag, takes: '<duration>', fallback, group, help, read };
}

function count(flag: string, fallback: string, help: string): Option<number> {
  const read = (text: string): Read<number> => number(text, 1, 1_000_000, 'a whole number, 1 or more');
  return { flag, takes: '<n>', fallback, group: 'probes', help, read };
}
