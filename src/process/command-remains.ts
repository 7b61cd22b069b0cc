import { constants } from 'node:os';
import { clock } from '../clock.ts';
import { childrenOf, descendantsOf, listProcesses, type ProcessStat, readStat, variableOf } from '../linux/procfs.ts';
import { send } from './app-process.ts';

const { SIGKILL } = constants.signals;

/**
 * Finds and kills what a command of k8s-run (an exec probe, a hook) has started, in whatever groups and sessions. Once the
 * command has ended these are orphans, which were reparented to k8s-run or to one of its ancestors, as the app's orphans are.
 * They are told from those by the session, which is numbered after the command, and by a variable that the command was given.
 * Only one that has left the session and has cleared its environment, and whose parent has ended, is not found.
 */
export type CommandRemains = {
  /** What the command's environment must have. */
  readonly variable: Readonly<Record<string, string>>;
  /**
   * Sends SIGKILL to all that is left of the command with this pid, once now and then until nothing is left, for a second at
   * most, because it may go on forking. `runs`: the command itself has not ended, and is killed too. `killed`: has the pids while
   * they may still be there.
   */
  readonly kill: (pid: number, runs: boolean, killed: Set<number>) => void;
};

/** The variable's name. The config room ignores it, because a command may be another k8s-run. */
const VARIABLE = 'K8S_RUN_COMMAND';
/** Milliseconds between two looks, and how many there are at most. */
const LOOK_EVERY = 20;
const MAX_LOOKS = 50;

/**
 * Called before the command is started: the children that there are already are none of its. So where it leaves nothing, that
 * costs two short reads, and the other processes are not read.
 */
export function expectRemains(): CommandRemains {
  const value = `${process.pid}-${process.hrtime.bigint()}`;
  const adopters = [process.pid, ...ancestors()];
  const before = new Set(adopters.flatMap(childrenOf));

  const find = (pid: number, runs: boolean): readonly ProcessStat[] => {
    const isOurs = (stat: ProcessStat): boolean =>
      stat.session === pid || stat.group === pid || variableOf(stat.pid, VARIABLE) === value;
    const adopted = adopters
      .flatMap(childrenOf)
      .filter((child) => child !== pid && !before.has(child))
      .flatMap((child) => readStat(child) ?? [])
      .filter((stat) => stat.state !== 'Z' && isOurs(stat));
    if (adopted.length === 0 && !runs) return [];
    const processes = listProcesses();
    const roots = [...(runs ? [pid] : []), ...adopted.map((stat) => stat.pid)];
    const inSession = processes.filter(({ session }) => session === pid);
    return [...new Set([...roots.flatMap((root) => descendantsOf(root, processes)), ...inSession])];
  };

  const look = (pid: number, runs: boolean, killed: Set<number>, looks: number): void => {
    const found = find(pid, runs);
    for (const stat of found) {
      killed.add(stat.pid);
      killOne(stat.pid);
    }
    const again = (): void => {
      for (const stat of found) if (readStat(stat.pid) === null) killed.delete(stat.pid);
      if (looks > 1) look(pid, false, killed, looks - 1);
      else for (const stat of found) killed.delete(stat.pid);
    };
    if (found.length > 0) clock.after(LOOK_EVERY, again);
  };

  return { variable: { [VARIABLE]: value }, kill: (pid, runs, killed) => look(pid, runs, killed, MAX_LOOKS) };
}

/** The nearest of them that is a subreaper adopts orphans where k8s-run does not (prctl(2)), or else the first process. */
function ancestors(): readonly number[] {
  const found: number[] = [];
  for (let pid = process.pid; pid > 1; ) {
    pid = readStat(pid)?.parent ?? 0;
    if (pid > 0) found.push(pid);
  }
  return found;
}

function killOne(pid: number): void {
  try {
    send(pid, SIGKILL);
  } catch {
    // It runs as another user, and k8s-run may not.
  }
}
