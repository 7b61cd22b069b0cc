import type { ExitCause } from '../lifecycle/state.ts';
import type { SignalSender } from './exit-cause.ts';
import type { EXIT_CANTCREAT, EXIT_IOERR, OwnExitCode } from './exit-codes.ts';

/**
 * What docs/reference.md and the man page say of the end of k8s-run. A code, cause or sender without its meaning does not
 * compile. Nothing loads it at run time.
 */

/** Exit codes of k8s-run's own, when it supervises; those of its commands are in cli/command-exits.ts. */
export const EXIT_CODES: Readonly<Record<Exclude<OwnExitCode, typeof EXIT_CANTCREAT | typeof EXIT_IOERR>, string>> = {
  64: 'the command line is invalid: an unknown option, no command',
  69: 'the health port cannot be opened, or a `--wait-for` probe did not pass within `--wait-timeout`',
  70: 'a bug in k8s-run; the app was stopped first',
  78: 'a value in the configuration is wrong, `--pre-start` failed, or Node is older than 24',
  126: 'the command cannot be executed',
  127: 'the command was not found',
};

/** `cause` of the log event `exited`: those of a life, and those of a k8s-run that started nothing. */
export type ExitedCause = ExitCause | 'usage' | 'configuration' | 'health port';

export const EXITED_CAUSES: Readonly<Record<ExitedCause, string>> = {
  exited: 'the app exited by itself',
  signalled: 'a signal other than the stop signal ended the app',
  stopped: 'the app exited within the grace, after its stop signal',
  killed: 'the app had not exited at the end of the grace, and SIGKILL ended it',
  'not started': 'the app could not be started; `error` is the errno, `reason` says it in words',
  'stopped before start': 'a stop signal came before the app was started',
  'dependencies missing': 'a `--wait-for` probe did not pass within `--wait-timeout`; `reason` names it',
  'pre-start failed': 'the `--pre-start` hook failed; `reason` says how',
  fault: 'a bug in k8s-run; `fault` names the part and the message',
  usage: 'the command line is invalid',
  configuration: 'a value in the configuration is wrong',
  'health port': 'the health port cannot be opened',
};

/** `sender` of the log event `exited`. wait(2) does not tell, so it is inferred. */
export const SIGNAL_SENDERS: Readonly<Record<SignalSender, string>> = {
  'k8s-run': 'k8s-run had sent that signal to the app',
  kernel: 'SIGKILL, and the kernel has killed a process of this container for lack of memory',
  app: 'a fault of its own: SEGV, BUS, ILL, FPE, TRAP, SYS or ABRT',
  unknown: 'another process in the container, or one outside it',
};
