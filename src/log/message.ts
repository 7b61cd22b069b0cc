import type { Facts, Level } from './entry.ts';
import type { LogEvent } from './events.ts';

/** What messages need beside the notice. `program` is the app's name, never its arguments. */
export type MessageContext = {
  readonly program: string;
  readonly version: string;
  /** Where the health server listens, `http://[::]:20080`, or null when it is off. */
  readonly health: string | null;
  readonly signalName: (signal: number) => string;
  readonly duration: (milliseconds: number) => string;
  readonly oomKilled: () => boolean;
  /** How to run the first known of these programs in the foreground. */
  readonly foreground: (names: readonly string[]) => string | undefined;
};

export type LogMessage = {
  readonly level: Level;
  readonly event: LogEvent;
  readonly msg: string;
  readonly facts: Facts;
};

export function info(event: LogEvent, msg: string, facts: Facts): LogMessage {
  return { level: 'info', event, msg, facts };
}

export function warn(event: LogEvent, msg: string, facts: Facts): LogMessage {
  return { level: 'warn', event, msg, facts };
}

/** Milliseconds, rounded to a tenth: more digits are not significant. */
export function round(milliseconds: number | undefined): number {
  return Math.round((milliseconds ?? 0) * 10) / 10;
}
