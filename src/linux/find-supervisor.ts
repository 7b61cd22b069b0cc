import { readListeners } from './listener-table.ts';
import { socketsOf } from './process-sockets.ts';
import { commandLineOf, listProcesses, readStat } from './procfs.ts';

/** Where a running k8s-run listens; `address` as bound, so `::` and `0.0.0.0` are all addresses. */
export type FoundSupervisor = { readonly pid: number; readonly address: string; readonly port: number };

/**
 * The nearest k8s-run that listens: the closest ancestor of this process, else the one with the lowest pid, which is 1 in a
 * container. The only port that it listens on is its health port. null: there is none, or its descriptors may not be read.
 */
export function nearestSupervisor(self: number = process.pid): FoundSupervisor | null {
  const launch = launchWords(commandLineOf(self));
  for (const pid of byNearness(self)) {
    if (!isSupervisor(commandLineOf(pid), launch)) continue;
    const sockets = socketsOf(pid);
    const listener = readListeners(pid)?.find(({ inode }) => sockets?.has(inode) === true);
    if (listener !== undefined) return { pid, address: listener.address, port: listener.port };
  }
  return null;
}

/** Ancestors first, up to pid 1; the others are listed only when it was none of them. */
function* byNearness(self: number): Generator<number> {
  for (let pid = readStat(self)?.parent ?? 0; pid > 1; pid = readStat(pid)?.parent ?? 0) yield pid;
  yield 1;
  const others = listProcesses().map(({ pid }) => pid);
  for (const pid of others.sort((one, other) => one - other)) if (pid !== self) yield pid;
}

/** The words that start this program, without its subcommand and arguments. */
function launchWords(words: readonly string[]): readonly string[] {
  const index = words.indexOf('probe');
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
