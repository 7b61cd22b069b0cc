import { isatty } from 'node:tty';
import type { Facts, Level, LogEntry, LogFormatter } from './entry.ts';
import { LEVELS } from './entry.ts';
import type { LogEvent } from './events.ts';
import { isSocket, openSink, type Sink } from './sink.ts';
import type { Put } from './socket.ts';

/** What the log must know; `silent` says nothing at all. */
export type LogChoice = {
  readonly level: Level | 'silent';
  readonly format: 'json' | 'pretty';
  readonly colours: boolean;
};

/** The log of k8s-run: one line an event, on stderr, which it shares with the app. */
export type Log = {
  readonly write: (level: Level, event: LogEvent, msg: string, facts?: Facts) => void;
  /** Loads the words' form. Until then lines are kept, so that the app need not wait for pino to be read. */
  readonly load: () => Promise<void>;
  /** Writes what is left, for as long as the last line is given. `stuck`: a write hangs in the thread pool. */
  readonly close: () => Promise<'written' | 'left' | 'stuck'>;
  readonly dropped: () => number;
  /** After a fault: what formed and wrote the lines is made anew; what it still held is counted as dropped. */
  readonly restart: () => void;
};

/** The last line must not hold the exit: long enough for a tenth of a processor, too short for the kubelet to mind. */
const LAST_LINE_LIMIT = 1_000;
/** Lines that wait for their form; far more than a start has. */
const KEPT_LIMIT = 1_000;
const STDERR = 2;

type After = (delay: number, call: () => void) => () => void;

export function openLog(choice: LogChoice, after: After): Log {
  let kept: LogEntry[] = [];
  let format: LogFormatter | null = null;
  let sink: Sink | null = null;
  let unformed = 0;
  const least = choice.level === 'silent' ? LEVELS.length : LEVELS.indexOf(choice.level);
  const dropped = (): number => unformed + (sink?.dropped() ?? 0);

  const put = (entry: LogEntry): void => {
    if (format === null || sink === null) {
      if (kept.length < KEPT_LIMIT) kept.push(entry);
      else unformed += 1;
      return;
    }
    try {
      const last = entry.event === 'exited';
      const lost = last && dropped() > 0 ? { droppedLines: dropped() } : {};
      sink.write(format({ ...entry, facts: { ...entry.facts, ...lost } }), last ? 'always' : 'bounded');
    } catch {
      // A line that cannot be made is a line less; saying so would need a line.
      unformed += 1;
    }
  };

  const log: Log = {
    write(level, event, msg, facts = {}) {
      if (LEVELS.indexOf(level) >= least) put({ time: Date.now(), level, event, msg, facts });
    },
    async load() {
      if (format !== null) return;
      const [loaded, socket] = await Promise.all([loadFormat(choice), wayTo(STDERR)]);
      sink ??= openSink(STDERR, after, socket);
      format ??= loaded;
      const early = kept;
      kept = [];
      for (const entry of early) put(entry);
    },
    async close() {
      return sink === null ? 'written' : sink.close(LAST_LINE_LIMIT);
    },
    dropped,
    restart() {
      unformed += sink?.dropped() ?? 0;
      format = null;
      sink = null;
      log.load().catch(() => {});
    },
  };
  return log;
}

/** Only who logs to a socket or a terminal pays for the way to it. */
async function wayTo(fd: number): Promise<Put | null> {
  if (isatty(fd)) (await import('./block-sigttou.ts')).writeFromBackground();
  return isSocket(fd) ? (await import('./socket.ts')).openSocket(fd) : null;
}

async function loadFormat({ format, colours }: LogChoice): Promise<LogFormatter> {
  if (format === 'json') return (await import('./json.ts')).jsonFormat();
  return (await import('./pretty.ts')).prettyFormat(colours);
}
