import type { ReadValue } from '../values.ts';
import { oneOf } from '../values.ts';
import type { Option } from './row.ts';

const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LEVELS)[number];

/** The URL of a collector, or that the standard variables name it. */
export type OtlpTarget = 'env' | `http${string}`;

export const LOG_OPTIONS: {
  readonly logLevel: Option<LogLevel>;
  readonly logFormat: Option<'auto' | 'json' | 'pretty'>;
  readonly terminationLog: Option<string | null>;
  readonly otlp: Option<OtlpTarget | null>;
} = {
  logLevel: {
    flag: 'log-level',
    takes: '<level>',
    words: LEVELS,
    fallback: 'info',
    group: 'log',
    help: 'lowest level that is logged: debug, info, warn, error or silent',
    read: (text) => oneOf(text, LEVELS),
  },
  logFormat: {
    flag: 'log-format',
    takes: '<auto|json|pretty>',
    fallback: 'auto',
    group: 'log',
    help: 'format of the log; auto: pretty on a terminal, JSON elsewhere',
    read: (text) => oneOf(text, ['auto', 'json', 'pretty']),
  },
  terminationLog: {
    flag: 'termination-log',
    takes: '<path>',
    fallback: null,
    fallbackWords: '/dev/termination-log, if it exists',
    group: 'log',
    help: "file for the reason of the exit, as in the container's terminationMessagePath; off: none",
    read: (text) =>
      text === '' || text.includes('\0') ? { problem: 'not a path; write /dev/termination-log, or off' } : { ok: text },
  },
  otlp: {
    flag: 'otlp',
    takes: '<url|env|off>',
    fallback: 'off',
    group: 'log',
    help: 'OpenTelemetry collector for a trace of each life and the log: http://collector:4318 (OTLP over HTTP), or env: as the variables OTEL_EXPORTER_OTLP_… say',
    read: readOtlp,
  },
};

function readOtlp(text: string): ReadValue<OtlpTarget | null> {
  if (text === 'off') return { ok: null };
  if (text === 'env') return { ok: 'env' };
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    return { problem: 'not a URL of HTTP; write http://collector:4318, env or off' };
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    return {
      problem: 'must have no credentials and no query; put them into OTEL_EXPORTER_OTLP_HEADERS, and write env',
    };
  if (/\/v1\/(traces|logs)\/*$/.test(url.pathname))
    return { problem: 'must be the URL without /v1/traces or /v1/logs, which k8s-run adds' };
  return { ok: url.href as `http${string}` };
}
