import { spawn } from 'node:child_process';
import type { Exit, Signal, SpawnFailure } from '../lifecycle/state.ts';
import { noteChild } from './adopted-children.ts';
import { exitOf, spawnFailure } from './exit-code.ts';
import { processGroupMembers } from './find-leftovers.ts';
import { stopSignalInOwnSession } from './job-control.ts';

/**
 * The app's process. It is spawned with node:child_process, because anything else would delay its start. It has k8s-run's own
 * stdin, stdout and stderr, never pipes.
 */
export type AppProcess = {
  readonly pid: number;
  /** Sends a signal to the app's process group, or to the app alone. Throws the errors of kill(2) but ESRCH (already gone). */
  readonly signal: (signal: Signal, scope: SignalScope) => void;
};
export type SignalScope = 'group' | 'process';

/** `own session`: setsid(2) before exec, so that the group can be signalled and signals of the terminal do not reach it twice. */
export type ProcessGroupMode = 'own session' | 'shared group';

export type AppProcessEvents = {
  readonly spawned: (app: AppProcess) => void;
  readonly failed: (failure: SpawnFailure) => void;
  /** Called once, and only after `spawned`. */
  readonly exited: (exit: Exit) => void;
};

/** Starts the app and calls either `spawned` or `failed`, once. */
export function startAppProcess(
  command: readonly string[],
  environment: NodeJS.ProcessEnv,
  groupMode: ProcessGroupMode,
  events: AppProcessEvents,
): void {
  const [program = '', ...args] = command;
  let child: ReturnType<typeof spawn>;
  try {
    child = spawn(program, args, { stdio: 'inherit', env: environment, detached: groupMode === 'own session' });
  } catch (error) {
    events.failed(spawnFailure(error as NodeJS.ErrnoException));
    return;
  }
  const { pid } = child;
  if (pid === undefined) {
    child.once('error', (error) => events.failed(spawnFailure(error)));
    return;
  }
  noteChild(child);
  let running = true;
  child.once('exit', (code, signal) => {
    running = false;
    events.exited(exitOf(code, signal));
  });
  events.spawned({
    pid,
    signal(signal, scope) {
      if (!running) return;
      const sent = groupMode === 'own session' ? stopSignalInOwnSession(signal, pid) : signal;
      if (scope === 'process') send(pid, sent);
      else if (groupMode === 'shared group' || !sendToGroup(pid, sent))
        for (const member of processGroupMembers(pid)) send(member, signal);
    },
  });
}

/**
 * Signals the process group of a leader that is not waited for yet. False: there is no such group, because setsid(2) was not
 * allowed (seccomp), which libuv does not report. The app then is in the group of k8s-run.
 */
function sendToGroup(leader: number, signal: Signal): boolean {
  try {
    process.kill(-leader, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    return false;
  }
}

/** kill(2). No error when the process or group is already gone (ESRCH). */
export function send(target: number, signal: Signal): void {
  try {
    process.kill(target, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
