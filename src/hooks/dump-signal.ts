import { constants } from 'node:os';
import { basename } from 'node:path';
import type { Signal } from '../lifecycle/state.ts';
import { dispositionOf, executableOf, listProcesses, type ProcessStat, readStat } from '../linux/procfs.ts';
import { signalName } from '../linux/signal-names.ts';
import { wouldEnd } from './careful-signal.ts';

export type Receiver = { readonly pid: number; readonly program: string };

const { SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGXCPU, SIGXFSZ, SIGSYS } = constants.signals;
/** Those whose default action is a core dump: signal(7). */
const DUMPS_CORE: ReadonlySet<Signal> = new Set([
  ...[SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS],
  ...[SIGFPE, SIGSEGV, SIGXCPU, SIGXFSZ, SIGSYS],
]);

/**
 * The processes of the app that write something when they get this signal: those that catch it, but none below them. A wrapper in
 * front (npm, a shell) catches none, and the signal would end it and with it the app. `isLast`: SIGKILL follows, so the app may as
 * well be ended by a signal that makes the kernel write a core dump.
 */
export function receiversOf(
  app: number,
  signal: Signal,
  isLast: boolean,
): { readonly receivers: readonly Receiver[] } | { readonly problem: string } {
  const first: Receiver = { pid: app, program: programOf(app) };
  // Without a /proc of this namespace nothing else of the app is known.
  if (dispositionOf(app, signal) === null) return { receivers: [first] };
  const processes = listProcesses();
  const catchers = catchersFrom(app, signal, processes);
  if (catchers.length > 0) return { receivers: catchers };
  if (!wouldEnd(app, signal) || (isLast && DUMPS_CORE.has(signal))) return { receivers: [first] };
  return {
    problem: `no process of the app catches ${signalName(signal)}, which would end it (the first one is ${first.program})`,
  };
}

function catchersFrom(pid: number, signal: Signal, processes: readonly ProcessStat[]): readonly Receiver[] {
  if (dispositionOf(pid, signal) === 'caught') return [{ pid, program: programOf(pid) }];
  const children = processes.filter(({ parent }) => parent === pid);
  return children.flatMap((child) => catchersFrom(child.pid, signal, processes));
}

function programOf(pid: number): string {
  const path = executableOf(pid);
  return path === null ? (readStat(pid)?.program ?? 'the app') : basename(path);
}
