import type { Leftover } from '../lifecycle/state.ts';
import { canSeeProcesses, descendantsOf, hasEnded, listProcesses, type ProcessStat } from '../linux/procfs.ts';

/**
 * Finds what outlived the app: the rest of its session and group, and orphans that the kernel gave to k8s-run, with all they
 * started. Not what is below `others` (what k8s-run started for itself, or was executed with), and not what came in from
 * outside (`kubectl exec`, a debug container): such a process has no parent in this namespace, and its orphans are still in
 * its session.
 *
 * The app's number stays its session's and group's while they have members (the kernel gives it to nobody else); from the
 * first look that finds none of them on, it may be a stranger's.
 */
export function leftoverFinder(app: number, others: () => ReadonlySet<number>): () => readonly Leftover[] {
  let numberIsTheApps = true;
  return () => {
    if (!canSeeProcesses()) return groupOf(app);
    const processes = listProcesses();
    const ours = pidsOf(descendantsOf(process.pid, processes));
    const belowOthers = pidsOf([...others()].flatMap((other) => descendantsOf(other, processes)));
    const visitors = new Set(processes.filter(isVisitor).map(({ session }) => session));
    const members = pidsOf(processes.filter((stat) => stat.session === app || stat.group === app));
    numberIsTheApps &&= members.size > 0;
    return processes
      .filter(({ pid, session }) => (numberIsTheApps && members.has(pid)) || (ours.has(pid) && !visitors.has(session)))
      .filter((stat) => stat.pid !== process.pid && !belowOthers.has(stat.pid) && !hasEnded(stat))
      .map(({ pid, program, group }) => ({ pid, program, group }));
  };
}

/**
 * Without /proc nobody can be named or found, but kill(2) still reaches the app's group as a whole, by its negative number.
 * While it has members the kernel gives its number to nobody else.
 */
function groupOf(app: number): readonly Leftover[] {
  try {
    process.kill(-app, 0);
  } catch (error) {
    // EPERM: somebody is there, who may not be signalled.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return [];
  }
  return [{ pid: -app, program: '', group: app }];
}

/** Everything below k8s-run that shares its process group, and the app in any case: it may have left for a group of its own. */
export function processGroupMembers(app: number): readonly number[] {
  const processes = listProcesses();
  const group = processes.find(({ pid }) => pid === process.pid)?.group;
  const mates = descendantsOf(process.pid, processes).filter((stat) => stat.group === group);
  return [...new Set([app, ...mates.map(({ pid }) => pid)])].filter((pid) => pid !== process.pid);
}

/** Of PID namespaces the kernel tells parent 0 where the parent is in another one (pid_namespaces(7)). */
function isVisitor(stat: ProcessStat): boolean {
  return process.pid === 1 && stat.parent === 0 && stat.pid !== 1;
}

function pidsOf(processes: readonly ProcessStat[]): ReadonlySet<number> {
  return new Set(processes.map(({ pid }) => pid));
}
