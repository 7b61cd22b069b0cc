/**
 * Exit codes of k8s-run's own, after sysexits(3) and, for 126 and 127, POSIX (Shell Command Language 2.8.2). main.ts, lifecycle/
 * and bin/ may not import this file and repeat the constants that they need; a test compares them.
 */

/** The command line is invalid: an unknown option, no command. */
export const EXIT_USAGE = 64;
/** The health port cannot be opened, or a `--wait-for` probe did not pass in time. */
export const EXIT_UNAVAILABLE = 69;
/** A bug in k8s-run. */
export const EXIT_SOFTWARE = 70;
/** A report, or the folder of `k8s-run install`, cannot be written. */
export const EXIT_CANTCREAT = 73;
/** Stdout cannot be written: its disk is full. Or `k8s-run install` has written something else than it has read. */
export const EXIT_IOERR = 74;
/** A value in the configuration is wrong, or `--pre-start` failed. */
export const EXIT_CONFIG = 78;
/** The app's command cannot be executed. */
export const EXIT_NOT_EXECUTABLE = 126;
/** The app's command was not found. */
export const EXIT_NOT_FOUND = 127;

export type OwnExitCode =
  | typeof EXIT_USAGE
  | typeof EXIT_UNAVAILABLE
  | typeof EXIT_SOFTWARE
  | typeof EXIT_CANTCREAT
  | typeof EXIT_IOERR
  | typeof EXIT_CONFIG
  | typeof EXIT_NOT_EXECUTABLE
  | typeof EXIT_NOT_FOUND;
