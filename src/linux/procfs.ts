import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';

/** Thin reads of proc(5). What is gone, or may not be read, is null or empty. */

/** Where proc(5) is mounted. */
export const PROCESSES = '/proc';

/** The fields of /proc/pid/stat that k8s-run uses (proc_pid_stat(5)). */
export type ProcessStat = {
  readonly pid: number;
  /** At most 15 bytes; may contain spaces and parentheses. */
  readonly program: string;
  /** R, S, D, Z, T, t, X … */
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** The device number of its controlling terminal; 0 without one. */
  readonly terminal: number;
};

export function readStat(pid: number | 'self'): ProcessStat | null {
  return isProcOfThisNamespace() ? statOf(pid) : null;
}

function statOf(pid: number | 'self'): ProcessStat | null {
  const text = read(`/proc/${pid}/stat`);
  return text === null ? null : parseStat(text);
}

let procIsOurs: boolean | undefined;

/** A /proc that was mounted for another PID namespace has other processes under the same numbers, so it is not used. */
function isProcOfThisNamespace(): boolean {
  procIsOurs ??= parseStat(read('/proc/self/stat') ?? '')?.pid === process.pid;
  return procIsOurs;
}

export function parseStat(text: string): ProcessStat | null {
  // The name is in parentheses and may contain any of these characters, so the last parenthesis ends it.
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open) return null;
  const rest = text.slice(close + 2).split(' ');
  const [state, parent, group, session, terminal] = rest;
  if (state === undefined || terminal === undefined) return null;
  return {
    pid: Number.parseInt(text, 10),
    program: text.slice(open + 1, close),
    state,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    terminal: Number(terminal),
  };
}

/** Whether a process has exited: it is gone, or a zombie. */
export function hasEnded(stat: ProcessStat | null): boolean {
  return stat === null || stat.state === 'Z' || stat.state === 'X';
}

/** Whether other processes can be seen at all. */
export const canSeeProcesses = (): boolean => isProcOfThisNamespace();

/**
 * The children of a process, zombies included. One read where the kernel lists them (CONFIG_PROC_CHILDREN). Those that another
 * thread than the first has started are left out; orphans are reparented to the first.
 */
export function childrenOf(parent: number): readonly number[] {
  if (!isProcOfThisNamespace()) return [];
  const listed = read(`/proc/${parent}/task/${parent}/children`);
  if (listed !== null) return listed.split(' ').filter(Boolean).map(Number);
  return listProcesses().flatMap((stat) => (stat.parent === parent ? [stat.pid] : []));
}

/** Every process of this PID namespace; empty without a /proc of it. */
export function listProcesses(): readonly ProcessStat[] {
  let names: string[];
  if (!isProcOfThisNamespace()) return [];
  try {
    names = readdirSync('/proc');
  } catch {
    return [];
  }
  const stats: ProcessStat[] = [];
  for (const name of names) {
    const first = name.charCodeAt(0);
    if (first < 48 || first > 57) continue;
    const stat = statOf(Number(name));
    if (stat !== null) stats.push(stat);
  }
  return stats;
}

/** The process `root`, then all processes that have it as an ancestor. */
export function descendantsOf(root: number, processes: readonly ProcessStat[]): readonly ProcessStat[] {
  const children = Map.groupBy(processes, (process) => process.parent);
  const found = processes.filter((process) => process.pid === root);
  for (const process of found) {
    for (const child of children.get(process.pid) ?? []) if (!found.includes(child)) found.push(child);
  }
  return found;
}

/** The app, its descendants, and processes that have left them by a double fork but are still in the app's session. */
export function processesOfApp(app: number, processes: readonly ProcessStat[]): readonly ProcessStat[] {
  const found = new Set(descendantsOf(app, processes));
  for (const stat of processes) if (stat.session === app) found.add(stat);
  return [...found];
}

/** Real, effective, saved and file-system uid of a process, each different one once. */
export function uidsOf(pid: number): readonly number[] {
  const line = /^Uid:\s*(.*)$/m.exec(read(`/proc/${pid}/status`) ?? '');
  return [...new Set((line?.[1] ?? '').split(/\s+/).filter(Boolean).map(Number))];
}

/** The signals that a process catches, ignores and blocks, by the masks of proc_pid_status(5); null: they cannot be read. */
export function signalMasksOf(pid: number): Readonly<Record<SignalMask, (signal: number) => boolean>> | null {
  const status = read(`/proc/${pid}/status`) ?? '';
  const masks = (['Cgt', 'Ign', 'Blk'] as const).map((name) => {
    const hex = new RegExp(`^Sig${name}:\\s*([0-9a-f]+)$`, 'm').exec(status)?.[1];
    return hex === undefined ? null : BigInt(`0x${hex}`);
  });
  const [caught, ignored, blocked] = masks;
  if (caught == null || ignored == null || blocked == null) return null;
  const has = (mask: bigint) => (signal: number) => ((mask >> BigInt(signal - 1)) & 1n) === 1n;
  return { caught: has(caught), ignored: has(ignored), blocked: has(blocked) };
}
type SignalMask = 'caught' | 'ignored' | 'blocked';

/** What a process does with a signal that it does not block. */
export function dispositionOf(pid: number, signal: number): 'caught' | 'ignored' | 'default' | null {
  const masks = signalMasksOf(pid);
  if (masks === null) return null;
  return masks.caught(signal) ? 'caught' : masks.ignored(signal) ? 'ignored' : 'default';
}

/** The words of a process's command line; empty for a zombie. */
export function commandLineOf(pid: number): readonly string[] {
  return (read(`/proc/${pid}/cmdline`) ?? '').split('\0').slice(0, -1);
}

/** Bytes of a configuration file that are read; those that are named in command lines are far shorter. */
const CONFIGURATION_LIMIT = 65_536;

/** The beginning of a file that a process was given by this path, relative to its working directory; empty where it cannot be read. */
export function configurationOf(pid: number, path: string): string {
  const inContainer = `/proc/${pid}/${path.startsWith('/') ? 'root' : 'cwd/'}${path.replace(/^.*=/, '')}`;
  try {
    const file = statSync(inContainer);
    return file.isFile() && file.size <= CONFIGURATION_LIMIT ? readFileSync(inContainer, 'utf8') : '';
  } catch {
    return '';
  }
}

/** The path of the file that a process executes. */
export function executableOf(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return null;
  }
}

/** The environment with which a process was started; null where it may not be read. */
export function environmentOf(pid: number): Readonly<NodeJS.ProcessEnv> | null {
  const entries = read(`/proc/${pid}/environ`)?.split('\0').filter(Boolean);
  if (entries === undefined) return null;
  // The first of two with the same name counts, as for getenv(3).
  return Object.fromEntries(entries.reverse().map((entry) => entry.split(/=(.*)/s, 2)));
}

/** A variable of that environment. */
export function variableOf(pid: number, name: string): string | null {
  return environmentOf(pid)?.[name] ?? null;
}

/** Where a file descriptor of a process leads: a path, or `pipe:[…]`; null where it may not be read. */
export function openFileOf(pid: number, descriptor: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/fd/${descriptor}`);
  } catch {
    return null;
  }
}

/** The control groups of a process, as proc_pid_cgroup(5) has them. */
export function groupsOf(pid: number | 'self'): string | null {
  return read(`/proc/${pid}/cgroup`);
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
