import { descendantsOf, listProcesses, type ProcessStat, readStat } from '../container/procfs.ts';
import type { Leftover } from '../lifecycle/state.ts';

/**
 * What outlived the app: the rest of its session and group, and orphans that the kernel gave to k8s-run. Processes that
 * k8s-run started for itself (`helpers`), and what those started, are none.
 */
export function leftoversOf(app: number, helpers: ReadonlySet<number>): readonly Leftover[] {
  const processes = listProcesses();
  const ours = new Set(descendantsOf(process.pid, processes).map(({ pid }) => pid));
  const forHelpers = new Set([...helpers].flatMap((helper) => descendantsOf(helper, processes).map(({ pid }) => pid)));
  return processes
    .filter((stat) => stat.session === app || stat.group === app || ours.has(stat.pid))
    .filter((stat) => stat.pid !== process.pid && stat.pid !== app && !forHelpers.has(stat.pid) && isAlive(stat))
    .map(({ pid, startTime, program }) => ({ pid, startTime, program }));
}

/** Whether it is still the same process, and not merely waiting to be reaped. */
export function isStillThere({ pid, startTime }: Leftover): boolean {
  const stat = readStat(pid);
  return stat !== null && stat.startTime === startTime && isAlive(stat);
}

/** Everything below k8s-run that shares its process group, and the app in any case: it may have left for a group of its own. */
export function groupMates(app: number): readonly number[] {
  const processes = listProcesses();
  const group = processes.find(({ pid }) => pid === process.pid)?.group;
  const mates = descendantsOf(process.pid, processes).filter((stat) => stat.group === group);
  return [...new Set([app, ...mates.map(({ pid }) => pid)])].filter((pid) => pid !== process.pid);
}

function isAlive(stat: ProcessStat): boolean {
  return stat.state !== 'Z' && stat.state !== 'X';
}
