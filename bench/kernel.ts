import { readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';

/** Figures of a process from /proc. Reading them costs the process itself nothing. */

export function childrenOf(pid: number): readonly number[] {
  return tasksOf(pid).flatMap((task) =>
    read(`/proc/${pid}/task/${task}/children`).split(' ').filter(Boolean).map(Number),
  );
}

/** The process and its descendants. */
export function treeOf(pid: number): readonly number[] {
  return [pid, ...childrenOf(pid).flatMap(treeOf)];
}

/** The command line, its words joined with spaces. */
export function commandOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`).split('\0').slice(0, -1).join(' ');
}

/**
 * CPU time of all threads in milliseconds, with the kernel's resolution of a nanosecond (/proc/<pid>/schedstat,
 * Documentation/scheduler/sched-stats.rst). Exact while the process is off the CPU; up to a timer tick late while it runs.
 */
export function cpuOf(pid: number): number {
  const nanoseconds = tasksOf(pid).map((task) => Number(read(`/proc/${pid}/task/${task}/schedstat`).split(' ')[0]));
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e6;
}

/** How a program receives a signal: with a handler, like Node, or by blocking it and waiting for it, like the C inits. */
export type SignalHandling = 'caught' | 'waited for';

/**
 * Whether a signal is no longer lost: the kernel drops a signal to PID 1 that is neither caught nor blocked. A program that
 * catches is not judged by its mask, because pthread_create(3) and others block all signals for a short time. Inside
 * sigtimedwait(2) the mask does not show the signals waited for.
 */
export function receives(pid: number, signal: keyof typeof constants.signals, how: SignalHandling): boolean {
  const status = read(`/proc/${pid}/status`);
  const bit = 1n << BigInt(constants.signals[signal] - 1);
  const isIn = (mask: string): boolean => {
    const found = new RegExp(`^${mask}:\\s*([0-9a-f]+)$`, 'm').exec(status)?.[1];
    return found !== undefined && (BigInt(`0x${found}`) & bit) !== 0n;
  };
  if (how === 'caught') return isIn('SigCgt');
  return isIn('SigCgt') || isIn('SigBlk') || read(`/proc/${pid}/wchan`).includes('sigtimedwait');
}

export type Memory = { readonly privateDirty: number; readonly pss: number; readonly rss: number };

/** The sum over the processes, in MiB. */
export function memoryOf(pids: readonly number[]): Memory {
  const each = pids.map(memoryOfOne);
  const sum = (figure: keyof Memory): number => each.reduce((total, one) => total + one[figure], 0);
  return { privateDirty: sum('privateDirty'), pss: sum('pss'), rss: sum('rss') };
}

function memoryOfOne(pid: number): Memory {
  const rollup = read(`/proc/${pid}/smaps_rollup`);
  const mebibytes = (field: string): number =>
    Number(new RegExp(`^${field}:\\s*(\\d+) kB$`, 'm').exec(rollup)?.[1] ?? Number.NaN) / 1024;
  return { privateDirty: mebibytes('Private_Dirty'), pss: mebibytes('Pss'), rss: mebibytes('Rss') };
}

function tasksOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** Empty when the process is gone. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
