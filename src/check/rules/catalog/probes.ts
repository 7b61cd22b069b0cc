/** Probes: whether they are valid, reach what they are for, and give enough time. */
export const PROBES_RULES = {
  'no-readiness-probe': {
    severity: 'warning',
    elsewhere: 'note in a container without ports for clients',
    reason: 'The pod gets requests that the app cannot serve yet, because it has no readinessProbe',
    remedy: 'Add a readinessProbe for /readyz at the health port',
  },
  'invalid-probe': {
    severity: 'error',
    reason: 'The API server rejects the manifest, because a probe has no handler, or several, or an invalid value',
    remedy: 'Give the probe one of httpGet, exec, tcpSocket and grpc, and valid values',
  },
  'probe-port-name': {
    severity: 'error',
    elsewhere: 'warning in a livenessProbe',
    reason: 'A probe never has a result, because no port of its container has the name that it uses',
    remedy: 'Give the port of the container this name, or write the number of the port',
  },
  'probe-zero': {
    severity: 'note',
    reason: 'A probe has another threshold or period than it seems, because Kubernetes takes 0 for the default',
    remedy: 'Write the number that you want',
  },
  'probe-timeout': {
    severity: 'note',
    reason: 'A failure is seen later than periodSeconds says, because a probe may take longer than its period',
    remedy: 'Make timeoutSeconds periodSeconds at most',
  },
  'probe-grace-period': {
    severity: 'warning',
    reason:
      'After a failed probe the kubelet kills a container during its shutdown, because the grace period of the probe is too short for it',
    remedy: 'Raise terminationGracePeriodSeconds of the probe, or remove it',
  },
  'probe-port': {
    severity: 'error',
    elsewhere: 'warning at a port that the container does not declare, which the app may have',
    reason: 'A probe always fails, because it does not reach the health port of k8s-run',
    remedy: 'Set the port of the probe to the health port',
  },
  'probe-path': {
    severity: 'error',
    elsewhere: 'warning or note in a livenessProbe or startupProbe that gets the verdict of another probe',
    reason: 'A probe gets the verdict of another probe or none, because its path or word is wrong',
    remedy: 'Probe /startupz, /readyz or /livez, each in the probe that it is for',
  },
  'probe-bypasses-k8s-run': {
    severity: 'note',
    reason:
      'Readiness does not fail during the shutdown delay, because the readinessProbe probes the app and not k8s-run',
    remedy: 'Probe /readyz at the health port, and give the probe of the app to --ready',
  },
  'liveness-is-readiness': {
    severity: 'warning',
    elsewhere: 'note where liveness fails later than readiness',
    reason: 'The kubelet kills a pod that is busy or shutting down, because its livenessProbe probes readiness',
    remedy: 'Probe /livez in the livenessProbe',
  },
  'liveness-kills-slow-start': {
    severity: 'warning',
    elsewhere: 'note from 15 s on',
    reason: 'The kubelet restarts an app that is still starting, because no startupProbe gives it enough time',
    remedy: 'Add a startupProbe, or raise its failureThreshold',
  },
  'liveness-kills-at-once': {
    severity: 'warning',
    elsewhere: 'note where k8s-run answers the probe',
    reason: 'The kubelet kills an app for a single slow response, because its livenessProbe may fail only once',
    remedy: 'failureThreshold: 3 in the livenessProbe',
  },
  'startup-too-short': {
    severity: 'warning',
    reason:
      'The kubelet restarts a container that still waits or prepares, because its startupProbe allows less time than --wait-for and --pre-start',
    remedy: 'Raise failureThreshold of the startupProbe, or shorten --wait-timeout or --hook-timeout',
  },
} as const;
