import { isatty } from 'node:tty';
import type { Facts, Level, LogEntry, LogFormatter } from './entry.ts';
import { LEVELS } from './entry.ts';
import type { LogEvent } from './events.ts';
import type { Repeats } from './repeats.ts';
import { isSocket, openSink, type Sink, type StartTimer } from './sink.ts';
import type { NonBlockingWrite } from './socket.ts';

/** `silent`: no line is written. */
export type LogSettings = {
  readonly level: Level | 'silent';
  readonly format: 'json' | 'pretty';
  readonly colours: boolean;
};

/** The log of k8s-run, one line per event, on the stderr that it shares with the app. */
export type Log = {
  readonly write: (level: Level, event: LogEvent, msg: string, facts?: Facts) => void;
  /** Loads the formatter. Lines are buffered until then, so that the start of the app does not wait for pino. */
  readonly load: () => Promise<void>;
  /** Writes the remaining lines, for at most LAST_LINE_LIMIT. `left`: not all; `stuck`: a write hangs in the thread pool. */
  readonly close: () => Promise<'written' | 'left' | 'stuck'>;
  readonly dropped: () => number;
  /** After a fault: makes a new formatter and sink; the lines that were not written count as dropped. */
  readonly restart: () => void;
};

/**
 * Milliseconds that the exit may wait for the last line: long enough under a CPU limit of 0.1, and within the reserve of the
 * shutdown.
 */
const LAST_LINE_LIMIT = 1_000;
/** Lines that are buffered before the formatter is loaded; a start has far fewer. */
const BUFFERED_LIMIT = 1_000;
const STDERR = 2;

/** `listener` gets every line, also those below the level; it must not throw. */
export function openLog(
  settings: LogSettings,
  after: StartTimer,
  listener: ((entry: LogEntry) => void) | null = null,
): Log {
  let buffered: LogEntry[] = [];
  let format: LogFormatter | null = null;
  let sink: Sink | null = null;
  let repeats: Repeats | null = null;
  let unformatted = 0;
  const least = settings.level === 'silent' ? LEVELS.length : LEVELS.indexOf(settings.level);
  const dropped = (): number => unformatted + (sink?.dropped() ?? 0);

  const add = (entry: LogEntry): void => {
    if (format === null || sink === null) {
      if (buffered.length < BUFFERED_LIMIT) buffered.push(entry);
      else unformatted += 1;
      return;
    }
    try {
      const last = entry.event === 'exited';
      const lost = last && dropped() > 0 ? { droppedLines: dropped() } : {};
      sink.write(format({ ...entry, facts: { ...entry.facts, ...lost } }), last ? 'always' : 'bounded');
    } catch {
      // A line that cannot be formatted counts as dropped; to log that would need another line.
      unformatted += 1;
    }
  };

  const log: Log = {
    write(level, event, msg, facts = {}) {
      const isWritten = LEVELS.indexOf(level) >= least;
      if (!isWritten && listener === null) return;
      const entry = { time: Date.now(), level, event, msg, facts };
      if (isWritten) (repeats?.take ?? add)(entry);
      listener?.(entry);
    },
    async load() {
      if (format !== null) return;
      const [loaded, socket, { countRepeats }] = await Promise.all([
        loadFormat(settings),
        prepareStderr(STDERR),
        import('./repeats.ts'),
      ]);
      sink ??= openSink(STDERR, after, socket);
      format ??= loaded;
      repeats ??= countRepeats(after, add);
      const early = buffered;
      buffered = [];
      for (const entry of early) repeats.take(entry);
    },
    async close() {
      repeats?.flush();
      return sink === null ? 'written' : sink.close(LAST_LINE_LIMIT);
    },
    dropped,
    restart() {
      unformatted += sink?.dropped() ?? 0;
      format = null;
      sink = null;
      repeats?.flush();
      repeats = null;
      log.load().catch(() => {});
    },
  };
  return log;
}

/** Loads what a terminal or a socket needs. Returns how to write to a socket; null: it is none. */
async function prepareStderr(fd: number): Promise<NonBlockingWrite | null> {
  if (isatty(fd)) (await import('./block-sigttou.ts')).writeFromBackground();
  return isSocket(fd) ? (await import('./socket.ts')).openSocket(fd) : null;
}

async function loadFormat({ format, colours }: LogSettings): Promise<LogFormatter> {
  const { withinLimit } = await import('./line-limit.ts');
  if (format === 'json') return withinLimit((await import('./json.ts')).jsonFormat());
  const [{ prettyFormat }, { columnsOf }] = await Promise.all([import('./pretty.ts'), import('../linux/terminal.ts')]);
  return withinLimit(prettyFormat(colours, () => columnsOf(STDERR)));
}
