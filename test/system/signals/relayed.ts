import { constants } from 'node:os';

/** Every signal that k8s-run relays, in the order of their numbers: see "Signals" in docs/reference.md and signal(7). */
export const RELAYED: readonly number[] = [
  ...(['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGALRM', 'SIGTERM', 'SIGSTKFLT', 'SIGCONT'] as const),
  ...(['SIGTSTP', 'SIGTTIN', 'SIGTTOU', 'SIGURG', 'SIGXCPU', 'SIGXFSZ', 'SIGVTALRM', 'SIGPROF', 'SIGWINCH'] as const),
  ...(['SIGIO', 'SIGPWR'] as const),
]
  .map((name) => constants.signals[name])
  .sort((a, b) => a - b);

/** The name that Node gives to a signal's number; of aliases, one. */
export function nameOf(signal: number): NodeJS.Signals {
  const found = Object.entries(constants.signals).find(([, number]) => number === signal);
  if (found === undefined) throw new Error(`no signal ${signal}`);
  return found[0] as NodeJS.Signals;
}
