import type { Option } from '../option.ts';
import { oneOf } from '../read.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export const LOG: {
  readonly logLevel: Option<LogLevel>;
  readonly logFormat: Option<'auto' | 'json' | 'pretty'>;
} = {
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
