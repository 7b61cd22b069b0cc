/** What a container runs, and its options. */
export const PROGRAM_RULES = {
  'shell-entrypoint': {
    severity: 'warning',
    elsewhere:
      'note in a Job, in front of a program that only waits, and where only an old bash stays in front of the app',
    reason:
      'The app is killed at the end of the grace period, because a shell runs it and does not pass the stop signal on',
    remedy: 'Write `exec` before the app in the script, or run the app without a shell',
  },
  'invalid-option': {
    severity: 'error',
    reason: 'k8s-run does not start, because an option or its value is invalid',
    remedy: 'Correct the option; k8s-run --help lists all options',
  },
  'unknown-variable': {
    severity: 'warning',
    reason: 'A K8S_RUN_… variable has no effect, because no option has this name',
    remedy: 'Correct the name (k8s-run --help lists all options), or remove the variable',
  },
  'unused-option': {
    severity: 'warning',
    reason: 'An option has no effect, because another option is missing or rules it out',
    remedy: 'Remove it, or set the option that it needs',
  },
  'path-not-mounted': {
    severity: 'warning',
    reason: 'An option for mounted files finds none or sees no change, because no volume is mounted at its path',
    remedy: 'Mount the ConfigMap or Secret there, as a whole',
  },
  'remapped-exit': {
    severity: 'warning',
    reason: 'A rule on exit codes never applies, because --remap-exit replaces the code that it waits for',
    remedy: 'Write the code that --remap-exit makes of it, or remove the option',
  },
  'program-signal': {
    severity: 'warning',
    reason: 'Requests are cut, because the program wants another signal than the one that it gets',
    remedy: 'Set --stop-signal or --signal-scope as docs/how-to/signals.md says of the program',
  },
} as const;
