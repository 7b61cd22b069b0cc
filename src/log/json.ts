import { pino } from 'pino';
import { escapeInJson } from './control-characters.ts';
import type { Level, LogEntry, LogFormatter } from './entry.ts';

/** Google Cloud's LogSeverity, which cloud log agents read. */
const SEVERITY: Readonly<Record<Level, string>> = { debug: 'DEBUG', info: 'INFO', warn: 'WARNING', error: 'ERROR' };

/** One JSON object per line. pino formats it; log/sink.ts writes it, because pino's own destinations block or open stdout. */
export function jsonFormat(): LogFormatter {
  let line = '';
  const destination = {
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
    destination,
  );
  return ({ time, level, event, msg, facts }: LogEntry) => {
    logger[level]({ time: new Date(time).toISOString(), event, ...facts }, msg);
    return escapeInJson(line);
  };
}
