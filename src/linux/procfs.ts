import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Where proc(5) is mounted. */
export const PROCESSES = '/proc';

/** Thin reads of proc(5). Everything that is gone, or may not be read, is `null`. */

/** The fields of /proc/pid/stat that k8s-run uses, by the man page's names. */
export type ProcessStat = {
  readonly pid: number;
  /** At most 15 bytes; may hold spaces and parentheses. */
  readonly program: string;
  /** R, S, D, Z, T, t, X … */
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** The device number of its controlling terminal, 0 without one. */
  readonly terminal: number;
};

export function readStat(pid: number | 'self'): ProcessStat | null {
  return isOurs() ? statOf(pid) : null;
}

function statOf(pid: number | 'self'): ProcessStat | null {
  const text = read(`/proc/${pid}/stat`);
  return text === null ? null : parseStat(text);
}

let ours: boolean | undefined;

/** Where /proc was mounted for another pid namespace its numbers are other processes': that is as good as no /proc. */
function isOurs(): boolean {
  ours ??= parseStat(read('/proc/self/stat') ?? '')?.pid === process.pid;
  return ours;
}

export function parseStat(text: string): ProcessStat | null {
  // The program's name is in parentheses and may hold any of these characters itself, so the last one counts.
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

/** Whether it is over: gone, or merely waiting to be reaped. */
export function hasEnded(stat: ProcessStat | null): boolean {
  return stat === null || stat.state === 'Z' || stat.state === 'X';
}

/** Whether other processes can be seen at all. */
export const canSee = (): boolean => isOurs();

/** The children that this process has now, zombies too: one read, where the kernel tells it so (CONFIG_PROC_CHILDREN). */
export function ownChildren(): readonly number[] {
  if (!isOurs()) return [];
  const told = read(`/proc/self/task/${process.pid}/children`);
  if (told !== null) return told.split(' ').filter(Boolean).map(Number);
  return listProcesses().flatMap(({ pid, parent }) => (parent === process.pid ? [pid] : []));
}

/** Every process of this namespace; none where /proc cannot tell. */
export function listProcesses(): readonly ProcessStat[] {
  let names: string[];
  if (!isOurs()) return [];
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

/** `root` and everything it started that still has it as an ancestor, `root` first. */
export function descendantsOf(root: number, processes: readonly ProcessStat[]): readonly ProcessStat[] {
  const children = Map.groupBy(processes, (process) => process.parent);
  const found = processes.filter((process) => process.pid === root);
  for (const process of found) {
    for (const child of children.get(process.pid) ?? []) if (!found.includes(child)) found.push(child);
  }
  return found;
}

/** The inodes of the sockets that a process holds, each with the descriptor; null when they may not be read. */
export function socketsOf(pid: number): ReadonlyMap<string, number> | null {
  let descriptors: string[];
  try {
    descriptors = readdirSync(`/proc/${pid}/fd`);
  } catch (error) {
    return isGone(error) ? new Map() : null;
  }
  const inodes = new Map<string, number>();
  for (const descriptor of descriptors) {
    const target = readDescriptor(pid, Number(descriptor));
    if (target === 'forbidden') return null;
    if (target?.startsWith('socket:[')) inodes.set(target.slice(8, -1), Number(descriptor));
  }
  return inodes;
}

/** Whether a descriptor still is the socket that it was. */
export function holdsSocket(pid: number, descriptor: number, inode: string): boolean {
  return readDescriptor(pid, descriptor) === `socket:[${inode}]`;
}

function readDescriptor(pid: number, descriptor: number): string | 'forbidden' | null {
  try {
    return readlinkSync(`/proc/${pid}/fd/${descriptor}`);
  } catch (error) {
    return isGone(error) ? null : 'forbidden';
  }
}

/** Real, effective, saved and file-system uid of a process, without repetition. */
export function uidsOf(pid: number): readonly number[] {
  const line = /^Uid:\s*(.*)$/m.exec(read(`/proc/${pid}/status`) ?? '');
  return [...new Set((line?.[1] ?? '').split(/\s+/).filter(Boolean).map(Number))];
}

/** What a process does about a signal, by the masks of proc_pid_status(5); null where that cannot be read. */
export function dispositionOf(pid: number, signal: number): 'caught' | 'ignored' | 'default' | null {
  const status = read(`/proc/${pid}/status`) ?? '';
  const has = (mask: 'Cgt' | 'Ign'): boolean | null => {
    const hex = new RegExp(`^Sig${mask}:\\s*([0-9a-f]+)$`, 'm').exec(status)?.[1];
    return hex === undefined ? null : ((BigInt(`0x${hex}`) >> BigInt(signal - 1)) & 1n) === 1n;
  };
  const [caught, ignored] = [has('Cgt'), has('Ign')];
  if (caught === null || ignored === null) return null;
  return caught ? 'caught' : ignored ? 'ignored' : 'default';
}

/** Whether a process leaves a signal its default: neither caught nor ignored. */
export const leavesDefault = (pid: number, signal: number): boolean => dispositionOf(pid, signal) === 'default';

/** The words of a process's command line; empty for a zombie. */
export function commandLineOf(pid: number): readonly string[] {
  return (read(`/proc/${pid}/cmdline`) ?? '').split('\0').slice(0, -1);
}

/** The file that a process executes; null where that may not be read. */
export function executableOf(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return null;
  }
}

/** One variable of a process's first environment; null when it is not set or may not be read. */
export function variableOf(pid: number, name: string): string | null {
  const found = (read(`/proc/${pid}/environ`) ?? '').split('\0').find((entry) => entry.startsWith(`${name}=`));
  return found === undefined ? null : found.slice(name.length + 1);
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function isGone(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ESRCH';
}
