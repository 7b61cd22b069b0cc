import type { Probe } from './answer.ts';

/** Reads the state letter of a process (proc_pid_stat(5)); null: no such process; `unknown`: no /proc. */
export type ProcessReader = { readonly stateOf: (pid: number) => string | null | 'unknown' };

/** Passes while the process exists and is neither a zombie nor stopped. A traced process (`t`) is alive. */
export function processProbe(pid: number, processes: ProcessReader): Probe {
  return async () => {
    const state = processes.stateOf(pid);
    if (state === null || state === 'Z' || state === 'X') return { kind: 'failed', reason: 'the process is gone' };
    if (state === 'T') return { kind: 'failed', reason: 'the process is stopped (SIGSTOP or SIGTSTP)' };
    return { kind: 'passed' };
  };
}
