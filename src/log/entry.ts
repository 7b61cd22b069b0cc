import type { LogEvent } from './events.ts';
/** A log line before it is formatted. `facts` never contain arguments, environment values or secrets. */
export type LogEntry = {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly level: Level;
  readonly event: LogEvent;
  readonly msg: string;
  readonly facts: Facts;
};
export type Level = 'debug' | 'info' | 'warn' | 'error';
export type Facts = Readonly<Record<string, unknown>>;

/** Formats an entry as one line, newline included. */
export type LogFormatter = (entry: LogEntry) => string;

export const LEVELS: readonly Level[] = ['debug', 'info', 'warn', 'error'];
