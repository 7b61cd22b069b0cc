import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Exit, Signal, SpawnFailure } from '../lifecycle/state.ts';
import { exitOf, spawnFailure } from './exit-code.ts';
import { processGroupMembers } from './find-leftovers.ts';
import { stopSignalInOwnSession } from './job-control.ts';

/**
 * The app. Spawned with node:child_process, which costs the start nothing beyond the spawn itself; stdin, stdout and
 * stderr are the container's own, never pipes.
 */
export type AppProcess = {
  readonly pid: number;
  /** Sends a signal to the app's group, or to the app alone. Throws as kill(2) does; what is gone already is no error. */
  readonly signal: (signal: Signal, scope: SignalScope) => void;
};
export type SignalScope = 'group' | 'process';

/** `own session`: setsid(2) before exec, so that the group can be signalled and the terminal's signals do not reach it twice. */
export type ProcessGroupMode = 'own session' | 'shared group';

export type AppProcessEvents = {
  readonly spawned: (app: AppProcess) => void;
  readonly failed: (failure: SpawnFailure) => void;
  /** Called once, and only after `spawned`. */
  readonly exited: (exit: Exit) => void;
};

/** Starts the app and calls back exactly one of `spawned` and `failed`. */
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
      else if (groupMode === 'own session') send(-pid, sent);
      else for (const mate of processGroupMembers(pid)) send(mate, signal);
    },
  });
}

/** kill(2); a process or group that is gone already is no error. */
export function send(target: number, signal: Signal): void {
  try {
    process.kill(target, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** SIGCONT by this platform's number. */
export const SIGCONT: Signal = constants.signals.SIGCONT;
export const SIGKILL: Signal = constants.signals.SIGKILL;
