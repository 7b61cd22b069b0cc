/** How a pod is stopped. */
export const SHUTDOWN_RULES = {
  'grace-period-too-short': {
    severity: 'error',
    elsewhere: 'warning where only the default of --grace does not fit, or where a negative number is 1 s',
    reason: 'The kubelet kills the pod during its shutdown, because terminationGracePeriodSeconds is too short for it',
    remedy: 'Raise terminationGracePeriodSeconds, or shorten a phase of the shutdown',
  },
  'grace-period-mismatch': {
    severity: 'note',
    reason: 'A part of terminationGracePeriodSeconds is never used, because --termination-grace-period is shorter',
    remedy: 'Set both to the same time',
  },
  'prestop-doubles-delay': {
    severity: 'note',
    reason:
      'The shutdown takes longer than it needs, because a preStop sleep comes before the shutdown delay of k8s-run',
    remedy: 'Remove the preStop hook, or set --shutdown-delay 0',
  },
  'signal-races-endpoints': {
    severity: 'warning',
    reason:
      'Requests come to an app that is shutting down, because it gets its signal while a Service still sends them to it',
    remedy: 'Run the app by k8s-run, or add a preStop hook that sleeps for some seconds',
  },
  'stop-signal': {
    severity: 'warning',
    reason: 'The app is not stopped in order, because lifecycle.stopSignal is invalid or not the signal that it needs',
    remedy: 'Remove stopSignal, or correct it',
  },
  'sidecar-grace-period': {
    severity: 'note',
    reason:
      'The kubelet kills a sidecar during its shutdown, because it is stopped after the other containers, and the grace period is too short for both',
    remedy: 'Raise terminationGracePeriodSeconds, or shorten the shutdown of the sidecar',
  },
  'sidecar-delay': {
    severity: 'note',
    reason:
      'The shutdown takes longer than it needs, because a sidecar is stopped after the containers that its shutdown delay is for',
    remedy: '--shutdown-delay 0 for the sidecar',
  },
  'readiness-window': {
    severity: 'note',
    reason: 'The app is gone before the kubelet sees that readiness fails, because the readinessProbe is too slow',
    remedy: 'Lower periodSeconds and failureThreshold of the readinessProbe',
  },
} as const;
