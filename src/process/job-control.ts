import { constants } from 'node:os';
import type { Signal } from '../lifecycle/state.ts';
import { dispositionOf, listProcesses, readStat } from '../linux/procfs.ts';

const { SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU } = constants.signals;

/**
 * The app's session has no shell in it, and there the kernel drops what would stop a process by default (setpgid(2),
 * orphaned process groups). An app that does not catch it is sent STOP instead, as dumb-init does.
 */
export function stopSignalInOwnSession(signal: Signal, app: number): Signal {
  const suspends = signal === SIGTSTP || signal === SIGTTIN || signal === SIGTTOU;
  return suspends && dispositionOf(app, signal) === 'default' ? SIGSTOP : signal;
}

/**
 * Stops k8s-run when the app is stopped; CONT wakes it, and is passed on. PID 1 cannot be stopped from inside, and where
 * there is no terminal to give back, a stopped k8s-run would only miss the TERM that comes next. False: the app is not stopped yet.
 */
export function suspendWithApp(app: number): boolean {
  const onTerminal = process.pid !== 1 && readStat('self')?.terminal !== 0;
  if (!onTerminal) return true;
  if (!isStopped(app)) return false;
  process.kill(process.pid, SIGSTOP);
  return true;
}

/**
 * Who waits in vfork(2), as shells do while they start a command, cannot be stopped before the child has called exec; and that
 * child is stopped with the group. Nothing of the app moves then either, though its own state is D.
 */
function isStopped(app: number): boolean {
  const state = readStat(app)?.state;
  if (state !== 'D') return state === 'T';
  return listProcesses().some((process) => process.parent === app && process.state === 'T');
}
