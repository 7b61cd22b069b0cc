import { readdirSync, readFileSync, statSync } from 'node:fs';
import { listProcesses, processesOfApp } from './procfs.ts';

/** The use of one process, or of the app with all processes that it started. Bytes and seconds. */
export type ProcessUsage = {
  readonly processes: number;
  readonly threads: number;
  readonly userSeconds: number;
  readonly systemSeconds: number;
  /** A page that several processes share counts once for each of them. */
  readonly residentBytes: number;
  /** Without pages that are backed by files: the kernel cannot drop it, only swap it or kill for it. */
  readonly anonymousBytes: number;
};

/** The descriptors of one process; null: they may not be read. `max`: the soft limit; Infinity without one. */
export type Descriptors = { readonly open: number | null; readonly max: number | null };

/** USER_HZ, the unit of times in /proc: 100 on every architecture that Node runs on (proc_pid_stat(5), sysconf(3)). */
const TICKS_PER_SECOND = 100;
const KIB = 1024;

/**
 * The app, its descendants and the rest of its session together; null: none of them can be seen. The time of an exited
 * process counts as soon as its parent has waited for it (cutime and cstime).
 */
export function usageOfApp(app: number): ProcessUsage | null {
  const processes = processesOfApp(app, listProcesses());
  return processes.length === 0 ? null : processes.map(({ pid }) => usageOf(pid)).reduce(sum, NO_USAGE);
}

/** One process alone, with the time of its exited children; all zero when it is gone. */
export function usageOf(pid: number | 'self'): ProcessUsage {
  return parseUsage(read(`/proc/${pid}/stat`) ?? '', read(`/proc/${pid}/status`) ?? '');
}

const NO_USAGE: ProcessUsage = {
  processes: 0,
  threads: 0,
  userSeconds: 0,
  systemSeconds: 0,
  residentBytes: 0,
  anonymousBytes: 0,
};

/** Reads the texts of /proc/pid/stat and /proc/pid/status. A zombie has no memory, but still has its time. */
export function parseUsage(stat: string, status: string): ProcessUsage {
  const close = stat.lastIndexOf(')');
  if (close < 0) return NO_USAGE;
  // Fields of proc_pid_stat(5) from the third, the state, on.
  const fields = stat.slice(close + 2).split(' ');
  const field = (number: number): number => Number(fields[number - 3] ?? 0);
  const kib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0);
  return {
    processes: 1,
    threads: field(20),
    userSeconds: (field(14) + field(16)) / TICKS_PER_SECOND,
    systemSeconds: (field(15) + field(17)) / TICKS_PER_SECOND,
    residentBytes: kib('VmRSS') * KIB,
    anonymousBytes: kib('RssAnon') * KIB,
  };
}

function sum(one: ProcessUsage, other: ProcessUsage): ProcessUsage {
  return {
    processes: one.processes + other.processes,
    threads: one.threads + other.threads,
    userSeconds: one.userSeconds + other.userSeconds,
    systemSeconds: one.systemSeconds + other.systemSeconds,
    residentBytes: one.residentBytes + other.residentBytes,
    anonymousBytes: one.anonymousBytes + other.anonymousBytes,
  };
}

export function descriptorsOf(pid: number | 'self'): Descriptors {
  return { open: openDescriptors(pid), max: maxDescriptorsOf(pid) };
}

/** The soft limit of RLIMIT_NOFILE; Infinity without one; null: it may not be read. */
export function maxDescriptorsOf(pid: number | 'self'): number | null {
  const limit = /^Max open files\s+(\d+|unlimited)/m.exec(read(`/proc/${pid}/limits`) ?? '')?.[1];
  return limit === undefined ? null : limit === 'unlimited' ? Number.POSITIVE_INFINITY : Number(limit);
}

function openDescriptors(pid: number | 'self'): number | null {
  try {
    // Since Linux 6.2 the size of the folder is their number, so a hundred thousand of them need not be listed.
    return statSync(`/proc/${pid}/fd`).size || readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return null;
  }
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
