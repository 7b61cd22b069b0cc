import { wrapped } from '../wrap.ts';
import { escapeControl } from './control-characters.ts';
import type { Level, LogEntry, LogFormatter } from './entry.ts';
import type { LogEvent } from './events.ts';

/** SGR parameters of ECMA-48 by event: green while it serves, yellow while it stops or waits, red when it failed or was killed. */
const COLOURS: Readonly<Partial<Record<LogEvent, number>>> = {
  started: 32,
  ready: 32,
  live: 32,
  unready: 33,
  unlive: 31,
  terminating: 33,
  draining: 33,
  stopping: 33,
  killing: 31,
  leftovers: 33,
  exited: 36,
};
const LEVEL_COLOURS: Readonly<Record<Level, number>> = { debug: 2, info: 0, warn: 33, error: 31 };
const WIDTH = 'terminating'.length;
/** Columns before the message. */
const INDENT = '12:30:05.123 '.length + WIDTH + 2;
/** Columns for the message; where there are fewer, wrapping it makes nothing easier to read. */
const LEAST = 30;
/** Signals of the keyboard (termios(3)). */
const KEYS: ReadonlySet<unknown> = new Set(['SIGINT', 'SIGQUIT']);

/**
 * `12:30:05.123 terminating  Readiness fails …`: the time of day, the event, the message. `columns`: of the terminal, on which a
 * long message goes on below its beginning; null: there is none, and each event is one line.
 */
export function prettyFormat(colours: boolean, columns: () => number | null = () => null): LogFormatter {
  const paint = (text: string, code: number): string =>
    colours && code !== 0 ? `\u001b[${code}m${text}\u001b[0m` : text;
  const laidOut = (msg: string): string => {
    if (msg.length <= LEAST) return msg;
    const left = (columns() ?? Number.POSITIVE_INFINITY) - INDENT;
    if (left < LEAST || msg.length <= left) return msg;
    return wrapped(msg, '', left).join(`\n${' '.repeat(INDENT)}`);
  };
  return ({ time, level, event, msg, facts }: LogEntry) => {
    const date = new Date(time);
    const clock = `${date.toTimeString().slice(0, 8)}.${String(date.getMilliseconds()).padStart(3, '0')}`;
    const colour = level === 'info' ? (COLOURS[event] ?? 0) : LEVEL_COLOURS[level];
    // A terminal has shown the key, `^C`, which would push the line to the right.
    const begin = colours && event === 'signal' && KEYS.has(facts['signal']) ? '\r' : '';
    return `${begin}${paint(clock, 2)} ${paint(event.padEnd(WIDTH), colour)}  ${laidOut(escapeControl(msg))}\n`;
  };
}
