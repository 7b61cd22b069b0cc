import { oneOf } from '../values.ts';
import type { Option } from './row.ts';

const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LEVELS)[number];

export const LOG_OPTIONS: {
  readonly logLevel: Option<LogLevel>;
  readonly logFormat: Option<'auto' | 'json' | 'pretty'>;
  readonly terminationLog: Option<string | null>;
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
};
