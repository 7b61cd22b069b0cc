import type { LogEvent } from './events.ts';

/** One line of the log before it has a form. `facts` never hold arguments, environment values or secrets. */
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

/** Makes a line of text, its newline included. */
export type LogFormatter = (entry: LogEntry) => string;

export const LEVELS: readonly Level[] = ['debug', 'info', 'warn', 'error'];
