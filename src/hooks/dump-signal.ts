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
 * front (npm, a shell) catches none, and the signal would end it and with it the app. One that is ignored, or that ends nothing,
 * makes nobody write either, and must not be waited for. `isLast`: SIGKILL follows, so the app may as well be ended by a signal that
 * makes the kernel write a core dump.
 */
export function receiversOf(
  app: number,
  signal: Signal,
  isLast: boolean,
): { readonly receivers: readonly Receiver[] } | { readonly problem: string } {
  const first: Receiver = { pid: app, program: programOf(app) };
  const fate = dispositionOf(app, signal);
  // Without a /proc of this namespace nothing else of the app is known.
  if (fate === null) return { receivers: [first] };
  const catchers = catchersFrom(app, signal, listProcesses());
  if (catchers.length > 0) return { receivers: catchers };
  const dumpsCore = DUMPS_CORE.has(signal) && fate === 'default';
  if (isLast && dumpsCore) return { receivers: [first] };
  const outcome = fate === 'ignored' ? 'ignores it' : wouldEnd(app, signal) ? 'would end' : 'would write nothing';
  return {
    problem: `no process of the app catches ${signalName(signal)}: the first one, ${first.program}, ${outcome}`,
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
