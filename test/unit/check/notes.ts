import { type Change, env, k8sRun, plain } from './pods.ts';

const JOB = {
  template: undefined,
  jobTemplate: {
    spec: { template: { spec: { containers: [{ name: 'dump', image: 'd', command: ['sh', '-c', 'pg_dump > x'] }] } } },
  },
};

/** Each change of a sound manifest, and what is then noted. */
export const NOTES: readonly (readonly [what: string, change: Change, rule: string])[] = [
  ['an ENTRYPOINT that cannot be seen', { container: { command: undefined } }, 'entrypoint-assumed'],
  [
    'a value from elsewhere',
    { container: { env: [{ name: 'K8S_RUN_GRACE', valueFrom: { fieldRef: { fieldPath: 'x' } } }] } },
    'options-unread',
  ],
  [
    'a value that names one from elsewhere',
    {
      container: {
        env: [
          { name: 'G', valueFrom: { fieldRef: { fieldPath: 'x' } } },
          { name: 'K8S_RUN_GRACE', value: '$(G)' },
        ],
      },
    },
    'options-unread',
  ],
  [
    'no number of replicas, which something may scale',
    { spec: { replicas: undefined, strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } } } },
    'no-surge',
  ],
  [
    'an agent on every node, that nobody asks',
    { kind: 'DaemonSet', container: { ...plain, readinessProbe: undefined, ports: undefined } },
    'no-readiness-probe',
  ],
  ['a shell in a Job', { kind: 'CronJob', spec: JOB, container: {} }, 'shell-entrypoint'],
  [
    'a patch',
    { spec: { selector: undefined }, container: { image: undefined, command: ['k8s-run', '--grace', '99s', '--'] } },
    'patch',
  ],
  ['options in a file', { container: { command: k8sRun('--config', '/etc/k8s-run.yaml') } }, 'options-unread'],
  ['nothing of k8s-run', { container: plain }, 'no-k8s-run'],
  ['less time than the pod has', { container: env('K8S_RUN_TERMINATION_GRACE_PERIOD', '20') }, 'period-mismatch'],
  ['a StatefulSet of one', { kind: 'StatefulSet', spec: { replicas: 1 } }, 'single-replica'],
];
