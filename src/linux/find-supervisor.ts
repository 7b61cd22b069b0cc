import { readListeners } from './listener-table.ts';
import { socketsOf } from './process-sockets.ts';
import { childrenOf, commandLineOf, groupsOf, hasEnded, listProcesses, openFileOf, readStat } from './procfs.ts';

const STDOUT = 1;

/** Where a running k8s-run listens; `address` as bound, so `::` and `0.0.0.0` are all addresses. */
export type FoundSupervisor = { readonly pid: number; readonly address: string; readonly port: number };

/**
 * The nearest k8s-run that listens: the closest ancestor of this process, else the one with the lowest pid, which is 1 in a
 * container. The only port that it listens on is its health port. null: there is none, or its descriptors may not be read.
 */
export function nearestSupervisor(self: number = process.pid): FoundSupervisor | null {
  const launch = launchWords(commandLineOf(self), 'probe');
  for (const { pid } of byNearness(self)) {
    if (!isSupervisor(commandLineOf(pid), launch)) continue;
    const sockets = socketsOf(pid);
    const listener = readListeners(pid)?.find(({ inode }) => sockets?.has(inode) === true);
    if (listener !== undefined) return { pid, address: listener.address, port: listener.port };
  }
  return null;
}

/** The app of a running k8s-run. */
export type SupervisedApp = { readonly supervisor: number; readonly pid: number; readonly program: string };

/**
 * The app of the nearest k8s-run in this container: of the closest ancestor of this process, of PID 1, or of another one in the same
 * control groups. null: there is none, or it cannot be seen. `command`: the subcommand that this process runs.
 */
export function nearestApp(command: string, self: number = process.pid): SupervisedApp | null {
  const launch = launchWords(commandLineOf(self), command);
  const own = groupsOf('self');
  for (const { pid, isNear } of byNearness(self)) {
    if (!isSupervisor(commandLineOf(pid), launch) || (!isNear && groupsOf(pid) !== own)) continue;
    const app = appOf(pid);
    if (app !== null) return { supervisor: pid, ...app };
  }
  return null;
}

/**
 * The app is the first child that has the standard output of k8s-run: commands of hooks and probes have pipes, and orphans come after it.
 * One that has redirected its own is the first child.
 */
function appOf(supervisor: number): { readonly pid: number; readonly program: string } | null {
  const output = openFileOf(supervisor, STDOUT);
  const children = childrenOf(supervisor).filter((pid) => !hasEnded(readStat(pid)));
  const pid = children.find((child) => output !== null && openFileOf(child, STDOUT) === output) ?? children[0];
  const program = pid === undefined ? undefined : readStat(pid)?.program;
  return pid === undefined || program === undefined ? null : { pid, program };
}

/** Ancestors first, up to pid 1; the others are listed only when it was none of them. */
function* byNearness(self: number): Generator<{ readonly pid: number; readonly isNear: boolean }> {
  for (let pid = readStat(self)?.parent ?? 0; pid > 1; pid = readStat(pid)?.parent ?? 0) yield { pid, isNear: true };
  yield { pid: 1, isNear: true };
  const others = listProcesses().map(({ pid }) => pid);
  for (const pid of others.sort((one, other) => one - other)) if (pid !== self) yield { pid, isNear: false };
}

/** The words that start this program, without its subcommand and arguments. */
function launchWords(words: readonly string[], command: string): readonly string[] {
  const index = words.indexOf(command);
  return index < 0 ? [] : words.slice(0, index);
}

/**
 * Whether a command line is k8s-run's: it begins with the same words as this process's, or it is a program, or a script run by
 * Node, with that name. An app that has the name among its arguments is not k8s-run.
 */
export function isSupervisor(words: readonly string[], launch: readonly string[]): boolean {
  if (launch.length > 0 && launch.every((word, index) => words[index] === word)) return true;
  if (isNamed(words[0])) return true;
  const script = words.slice(1).find((word) => !word.startsWith('-'));
  return /(^|\/)node[^/]*$/.test(words[0] ?? '') && isNamed(script);
}

function isNamed(word: string | undefined): boolean {
  return /(^|\/)k8s-run(\.js)?$/.test(word ?? '');
}
