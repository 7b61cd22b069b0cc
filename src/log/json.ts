import { pino } from 'pino';
import type { Level, LogEntry, LogFormatter } from './entry.ts';

/** The words that cloud log agents read: Google Cloud's LogSeverity, which others map from too. */
const SEVERITY: Readonly<Record<Level, string>> = { debug: 'DEBUG', info: 'INFO', warn: 'WARNING', error: 'ERROR' };

/** One JSON object a line. pino makes the text; the writing is ours, for pino's own writers wait or open the terminal. */
export function jsonFormat(): LogFormatter {
  let line = '';
  const catcher = {
    write(text: string) {
      line = text;
    },
  };
  const logger = pino(
    {
      level: 'debug',
      base: null,
      timestamp: false,
      formatters: { level: (label) => ({ level: label, severity: SEVERITY[label as Level] }) },
    },
    catcher,
  );
  return ({ time, level, event, msg, facts }: LogEntry) => {
    logger[level]({ time: new Date(time).toISOString(), event, ...facts }, msg);
    return line;
  };
}
