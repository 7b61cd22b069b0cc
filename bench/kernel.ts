import { readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';

/** What the kernel says of a process, read from /proc from outside, so that the process pays nothing for being asked. */

export function childrenOf(pid: number): readonly number[] {
  return tasksOf(pid).flatMap((task) =>
    read(`/proc/${pid}/task/${task}/children`).split(' ').filter(Boolean).map(Number),
  );
}

/** The process and all below it. */
export function treeOf(pid: number): readonly number[] {
  return [pid, ...childrenOf(pid).flatMap(treeOf)];
}

/** Its words, with a space between each. */
export function commandOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`).split('\0').slice(0, -1).join(' ');
}

/**
 * CPU time of all threads, in milliseconds, to the nanosecond (proc_pid_schedstat). Exact while the process is off the
 * CPU; while it runs it may lag by a timer tick.
 */
export function cpuOf(pid: number): number {
  const nanoseconds = tasksOf(pid).map((task) => Number(read(`/proc/${pid}/task/${task}/schedstat`).split(' ')[0]));
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e6;
}

/** How a program makes sure of a signal: a handler, as Node does, or a mask and a wait for what it holds back, as C inits do. */
export type Keeping = 'caught' | 'waited for';

/**
 * Whether a signal would no longer be lost: the kernel drops one to PID 1 that is neither caught nor blocked. Programs in
 * C block everything for moments in between (pthread_create does), so who catches is not judged by its mask. Inside
 * sigtimedwait(2) the mask does not show what is waited for.
 */
export function keeps(pid: number, signal: keyof typeof constants.signals, how: Keeping): boolean {
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

/** Of all of them together, in MiB. */
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
