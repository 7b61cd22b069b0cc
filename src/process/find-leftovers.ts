import type { Leftover } from '../lifecycle/state.ts';
import {
  canSeeProcesses,
  childrenOf,
  descendantsOf,
  hasEnded,
  listProcesses,
  type ProcessStat,
} from '../linux/procfs.ts';

/**
 * Finds leftovers: the rest of the app's session and group, and orphans that were reparented to k8s-run, with their
 * descendants. Not descendants of `others` (commands that k8s-run runs, and children that it was executed with), and not
 * processes that came from outside (`kubectl exec`, a debug container): such a process has no parent in this namespace, and
 * its orphans stay in its session.
 *
 * The app's pid stays the number of its session and group while they have members, and the kernel does not reuse it. Once no
 * member was found it may be another process's.
 */
export function leftoverFinder(app: number, others: () => ReadonlySet<number>): () => readonly Leftover[] {
  let pidIsNotReused = true;
  const find = (): readonly Leftover[] => {
    const processes = listProcesses();
    const ours = pidsOf(descendantsOf(process.pid, processes));
    const belowOthers = pidsOf([...others()].flatMap((other) => descendantsOf(other, processes)));
    const visitors = new Set(processes.filter(isVisitor).map(({ session }) => session));
    const members = pidsOf(processes.filter((stat) => stat.session === app || stat.group === app));
    pidIsNotReused &&= members.size > 0;
    return processes
      .filter(({ pid, session }) => (pidIsNotReused && members.has(pid)) || (ours.has(pid) && !visitors.has(session)))
      .filter((stat) => stat.pid !== process.pid && !belowOthers.has(stat.pid) && !hasEnded(stat))
      .map(({ pid, program, group }) => ({ pid, program, group, permitted: maySignal(pid) }));
  };
  return () => {
    if (!canSeeProcesses()) return wholeGroupOf(app);
    const found = find();
    // A daemon forks twice: while /proc was read, one process may have ended after its child was missed.
    const isAlone = (): boolean => childrenOf(process.pid).every((pid) => pid === app || others().has(pid));
    return found.length > 0 || isAlone() ? found : find();
  };
}

/**
 * Without /proc no process can be found or named, but kill(2) still reaches the app's whole group, by the negative pid. While
 * the group has members the kernel does not reuse its number.
 */
function wholeGroupOf(app: number): readonly Leftover[] {
  try {
    process.kill(-app, 0);
  } catch (error) {
    // EPERM: the group has members, none of which may be signalled.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return [];
  }
  return [{ pid: -app, program: '', group: app, permitted: maySignal(-app) }];
}

/** kill(2): another user's process may be signalled with CAP_KILL only. */
function maySignal(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'EPERM';
  }
}

/** The descendants of k8s-run that share its process group, and the app, which may have moved to its own group. */
export function processGroupMembers(app: number): readonly number[] {
  const processes = listProcesses();
  const group = processes.find(({ pid }) => pid === process.pid)?.group;
  const members = descendantsOf(process.pid, processes).filter((stat) => stat.group === group);
  return [...new Set([app, ...members.map(({ pid }) => pid)])].filter((pid) => pid !== process.pid);
}

/** A process whose parent is in another PID namespace has parent 0 (pid_namespaces(7)). */
function isVisitor(stat: ProcessStat): boolean {
  return process.pid === 1 && stat.parent === 0 && stat.pid !== 1;
}

function pidsOf(processes: readonly ProcessStat[]): ReadonlySet<number> {
  return new Set(processes.map(({ pid }) => pid));
}
