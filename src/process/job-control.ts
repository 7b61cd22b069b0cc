import { constants } from 'node:os';
import type { Signal } from '../lifecycle/state.ts';
import { dispositionOf, listProcesses, readStat } from '../linux/procfs.ts';

const { SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU } = constants.signals;

/**
 * In a session without a shell the kernel discards signals that stop a process by default (setpgid(2), orphaned process
 * groups). So an app that leaves such a signal its default gets STOP instead, as with dumb-init.
 */
export function stopSignalInOwnSession(signal: Signal, app: number): Signal {
  const suspends = signal === SIGTSTP || signal === SIGTTIN || signal === SIGTTOU;
  return suspends && dispositionOf(app, signal) === 'default' ? SIGSTOP : signal;
}

/**
 * Stops k8s-run too once the app is stopped; CONT continues it, and is passed on. Not as PID 1, which cannot be stopped from
 * inside its namespace, and not without a terminal, because a stopped k8s-run could not act on a TERM. False: the app is not
 * stopped yet.
 */
export function suspendWithApp(app: number): boolean {
  const onTerminal = process.pid !== 1 && readStat('self')?.terminal !== 0;
  if (!onTerminal) return true;
  if (!isStopped(app)) return false;
  process.kill(process.pid, SIGSTOP);
  return true;
}

/**
 * A process in vfork(2), such as a shell that starts a command, stops only after its child has called exec. When that child is
 * stopped first, with its group, the app does not run either, although its state is D.
 */
function isStopped(app: number): boolean {
  const state = readStat(app)?.state;
  if (state !== 'D') return state === 'T';
  return listProcesses().some((process) => process.parent === app && process.state === 'T');
}
