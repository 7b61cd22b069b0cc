import type { Probe } from './answer.ts';

/** The state letter of a process as in proc_pid_stat(5); null when there is none; `unknown` where there is no /proc. */
export type ProcessReader = { readonly stateOf: (pid: number) => string | null | 'unknown' };

/** Passes while the process exists and is neither a zombie nor stopped. Being traced (`t`) is being alive. */
export function processProbe(pid: number, processes: ProcessReader): Probe {
  return async () => {
    const state = processes.stateOf(pid);
    if (state === null || state === 'Z' || state === 'X') return { kind: 'failed', reason: 'the process is gone' };
    if (state === 'T') return { kind: 'failed', reason: 'the process is stopped (SIGSTOP or SIGTSTP)' };
    return { kind: 'passed' };
  };
}
