import { descendantsOf, hasEnded, listProcesses, type ProcessStat } from '../container/procfs.ts';
import type { Leftover } from '../lifecycle/state.ts';

/**
 * What outlived the app: the rest of its session and group, and orphans that the kernel gave to k8s-run, with all they
 * started. Not what k8s-run started for itself (`helpers`), and not what came in from outside (`kubectl exec`, a debug
 * container): such a process has no parent in this namespace, and its orphans are still in its session.
 */
export function leftoversOf(app: number, helpers: ReadonlySet<number>): readonly Leftover[] {
  const processes = listProcesses();
  const ours = pidsOf(descendantsOf(process.pid, processes));
  const forHelpers = pidsOf([...helpers].flatMap((helper) => descendantsOf(helper, processes)));
  const visitors = new Set(processes.filter(isVisitor).map(({ session }) => session));
  return processes
    .filter((stat) => stat.session === app || stat.group === app || (ours.has(stat.pid) && !visitors.has(stat.session)))
    .filter((stat) => stat.pid !== process.pid && stat.pid !== app && !forHelpers.has(stat.pid) && !hasEnded(stat))
    .map(({ pid, program, group }) => ({ pid, program, group }));
}

/** Everything below k8s-run that shares its process group, and the app in any case: it may have left for a group of its own. */
export function groupMates(app: number): readonly number[] {
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
