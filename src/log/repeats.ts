import type { LogEntry } from './entry.ts';
import type { LogEvent } from './events.ts';
import type { StartTimer } from './sink.ts';

/**
 * Counts equal lines instead of repeating them, so that nobody fills the log from outside: by a storm of signals, a probe that
 * flaps, thousands of orphans. The first FEW of a burst are written; after that, once every SAY_EVERY, the last one is, with the
 * number of lines that it stands for (`repeated`). What is counted is written before any other line, so the order stays.
 */
export type Repeats = {
  readonly take: (entry: LogEntry) => void;
  /** Writes what has been counted. */
  readonly flush: () => void;
};

const FEW = 10;
/** Milliseconds in which more than FEW equal lines are a burst. */
const BURST = 10_000;
/** Milliseconds. A burst is over when none came for as long. */
const SAY_EVERY = 1_000;
/** More kinds of lines at a time are told apart by their event alone, so that the memory is bounded. */
const MOST_KINDS = 100;
/** Characters. Of a longer message a number stands for its kind. */
const MOST_OF_NAME = 200;

/** Whatever the text is: the reason of a failure, or a pid, may differ from line to line. */
const BY_EVENT: ReadonlySet<LogEvent> = new Set(['ready', 'unready', 'live', 'unlive', 'reaped'] as const);
/** A mistake is said once, and a hook logs 200 lines of its output at most, which are different and belong together. */
const ALWAYS_WRITTEN: ReadonlySet<LogEvent> = new Set(['exited', 'mistake', 'hook'] as const);

type Kind = {
  readonly began: number;
  readonly count: number;
  /** `counted`: in a burst that is not over; `isActive`: one came since the last look. */
  readonly burst: { readonly isActive: boolean; readonly last: LogEntry | null; readonly repeated: number } | null;
};

export function countRepeats(after: StartTimer, write: (entry: LogEntry) => void): Repeats {
  /** In the order of their last line. */
  const kinds = new Map<string, Kind>();
  let isWaiting = false;

  const flush = (): void => {
    if (!isWaiting) return;
    for (const [name, kind] of kinds) {
      if (kind.burst === null || kind.burst.last === null) continue;
      const { last, repeated, isActive } = kind.burst;
      kinds.set(name, { ...kind, burst: { isActive, last: null, repeated: 0 } });
      write(repeated === 1 ? last : standingFor(last, repeated, name === last.event));
    }
  };

  /** A timer runs only while there is a burst. */
  const wait = (): void => {
    if (isWaiting) return;
    isWaiting = true;
    after(SAY_EVERY, () => {
      flush();
      isWaiting = false;
      for (const [name, kind] of kinds) {
        if (kind.burst === null) continue;
        if (!kind.burst.isActive) kinds.delete(name);
        else {
          kinds.set(name, { ...kind, burst: { ...kind.burst, isActive: false } });
          wait();
        }
      }
    });
  };

  const isOld = ({ began }: Kind, time: number): boolean => Math.abs(time - began) >= BURST;

  const nameOf = ({ event, msg, facts, time }: LogEntry): string => {
    const check = facts['check'];
    const name = BY_EVENT.has(event) || check !== undefined ? `${event} ${check}` : `${event} ${msg}`;
    const short = name.length <= MOST_OF_NAME ? name : `${event} ${name.length} ${numberOf(name)}`;
    if (kinds.has(short) || kinds.size < MOST_KINDS) return short;
    for (const [each, kind] of kinds) if (kind.burst === null && isOld(kind, time)) kinds.delete(each);
    return kinds.size < MOST_KINDS ? short : event;
  };

  return {
    flush,
    take(entry) {
      if (ALWAYS_WRITTEN.has(entry.event) || 'repeated' in entry.facts) {
        flush();
        write(entry);
        return;
      }
      const name = nameOf(entry);
      const found = kinds.get(name);
      const fresh = { began: entry.time, count: 0, burst: null };
      const kind = found === undefined || (found.burst === null && isOld(found, entry.time)) ? fresh : found;
      const { began, burst } = kind;
      const count = kind.count + 1;
      kinds.delete(name);
      if (burst === null && count <= FEW) {
        kinds.set(name, { began, count, burst });
        flush();
        write(entry);
        return;
      }
      kinds.set(name, { began, count, burst: { isActive: true, last: entry, repeated: (burst?.repeated ?? 0) + 1 } });
      wait();
    },
  };
}

/** FNV-1a. */
function numberOf(text: string): number {
  let number = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) number = Math.imul(number ^ text.charCodeAt(at), 0x01000193);
  return number >>> 0;
}

/** `differ`: the lines have their event in common, and not their text. */
function standingFor(entry: LogEntry, repeated: number, differ: boolean): LogEntry {
  const others = differ ? `and ${repeated - 1} other lines of this event` : `${repeated} times`;
  return { ...entry, msg: `${entry.msg} (${others})`, facts: { ...entry.facts, repeated } };
}
