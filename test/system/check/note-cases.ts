import { env, k8sRun, type ManifestChange, WITHOUT_K8S_RUN } from './manifest-builder.ts';

const JOB = {
  template: undefined,
  jobTemplate: {
    spec: { template: { spec: { containers: [{ name: 'dump', image: 'd', command: ['sh', '-c', 'pg_dump > x'] }] } } },
  },
};

/** Changes of a manifest without findings, and the note that each one causes. */
export const NOTE_CASES: readonly (readonly [what: string, change: ManifestChange, rule: string])[] = [
  ['an ENTRYPOINT that the manifest does not show', { container: { command: undefined } }, 'entrypoint-assumed'],
  [
    'a variable with valueFrom',
    { container: { env: [{ name: 'K8S_RUN_GRACE', valueFrom: { fieldRef: { fieldPath: 'x' } } }] } },
    'options-not-in-manifest',
  ],
  [
    'a variable that refers to one with valueFrom',
    {
      container: {
        env: [
          { name: 'G', valueFrom: { fieldRef: { fieldPath: 'x' } } },
          { name: 'K8S_RUN_GRACE', value: '$(G)' },
        ],
      },
    },
    'options-not-in-manifest',
  ],
  [
    'a Deployment without replicas',
    { spec: { replicas: undefined, strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } } } },
    'no-surge',
  ],
  [
    'a DaemonSet without ports and readinessProbe',
    { kind: 'DaemonSet', container: { ...WITHOUT_K8S_RUN, readinessProbe: undefined, ports: undefined } },
    'no-readiness-probe',
  ],
  [
    'a pod that is not restarted, and a shell',
    {
      kind: 'Deployment',
      pod: { restartPolicy: 'Never' },
      container: { ...WITHOUT_K8S_RUN, command: ['dash', '-c', 'a; b'] },
    },
    'shell-entrypoint',
  ],
  [
    'a shell that only waits',
    { container: { ...WITHOUT_K8S_RUN, command: ['sh', '-c', 'while true; do sleep 9; done'], args: undefined } },
    'shell-entrypoint',
  ],
  [
    'bash, which executes the last command of a list since 5.1',
    { container: { ...WITHOUT_K8S_RUN, command: ['bash', '-ec', 'cd /app; ./server'], args: undefined } },
    'shell-entrypoint',
  ],
  [
    'a livenessProbe at the endpoint of the readinessProbe, with a higher threshold',
    {
      container: {
        ...WITHOUT_K8S_RUN,
        livenessProbe: { httpGet: { path: '/up', port: 8080 }, periodSeconds: 2, failureThreshold: 50 },
      },
    },
    'liveness-is-readiness',
  ],
  ['a shell in a Job', { kind: 'CronJob', spec: JOB, container: {} }, 'shell-entrypoint'],
  [
    'a patch',
    { spec: { selector: undefined }, container: { image: undefined, command: ['k8s-run', '--grace', '99s', '--'] } },
    'skipped-patch',
  ],
  [
    'options in a configuration file',
    { container: { command: k8sRun('--config', '/etc/k8s-run.yaml') } },
    'options-not-in-manifest',
  ],
  ['a pod without k8s-run', { container: WITHOUT_K8S_RUN }, 'no-k8s-run'],
  [
    'a --termination-grace-period shorter than that of the pod',
    { container: env('K8S_RUN_TERMINATION_GRACE_PERIOD', '20') },
    'grace-period-mismatch',
  ],
  ['a StatefulSet with one replica', { kind: 'StatefulSet', spec: { replicas: 1 } }, 'single-replica'],
];
