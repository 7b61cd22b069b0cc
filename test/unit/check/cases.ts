import { type Change, env, k8sRun, plain, plainly, probe, SOUND, sleep } from './pods.ts';

const SIDECAR = {
  name: 'proxy',
  image: 'p',
  restartPolicy: 'Always',
  args: ['proxy'],
  resources: SOUND['resources'],
};

/** Each change of a sound manifest, and all that is then found in it, notes aside. */
export const CASES: readonly (readonly [what: string, change: Change, ...rules: readonly string[]])[] = [
  ['nothing', {}],
  ['the options of the image', { container: { command: undefined } }],
  ['a grace that does not fit', { container: { command: k8sRun('--grace', '40s') } }, 'grace-too-short'],
  ['the same in a variable', { container: env('K8S_RUN_GRACE', '40s') }, 'grace-too-short'],
  ['a grace that fits', { container: { command: k8sRun('--grace=40s') }, pod: { terminationGracePeriodSeconds: 47 } }],
  [
    'one second less',
    { container: { command: k8sRun('--grace=40s') }, pod: { terminationGracePeriodSeconds: 46 } },
    'grace-too-short',
  ],
  [
    'no period at all',
    { container: { command: k8sRun('--grace', '40s') }, pod: { terminationGracePeriodSeconds: undefined } },
    'grace-too-short',
  ],
  [
    'hooks count',
    { container: { command: k8sRun('--pre-stop', 'x', '--post-exit', 'y', '--hook-timeout', '9s') } },
    'grace-too-short',
  ],
  [
    'waiting for connections counts',
    { container: { command: k8sRun('--drain-connections', '10s') } },
    'grace-too-short',
  ],
  [
    'another period than the pod has',
    { container: { command: k8sRun('--termination-grace-period', '60') } },
    'grace-too-short',
  ],
  ['the period of the pod', { container: { command: k8sRun('--termination-grace-period', '30') } }],
  [
    'a period that has no room for its phases',
    { container: { command: k8sRun('--termination-grace-period', '30', '--grace', '40s') } },
    'bad-option',
  ],
  ['nothing stops', { container: { command: k8sRun('--stop-on', 'none', '--grace', '90s') } }, 'idle-option'],
  ['a preStop sleep', { container: { lifecycle: sleep(3) } }, 'prestop-doubles-pause'],
  [
    'a long preStop sleep',
    { container: { lifecycle: { preStop: { exec: { command: ['/bin/sh', '-c', 'sleep 9'] } } } } },
    'grace-too-short',
    'prestop-doubles-pause',
  ],
  [
    'a preStop sleep instead of the pause',
    { container: { lifecycle: sleep(5), command: k8sRun('--shutdown-delay', '0') } },
  ],
  ['a preStop hook that works', { container: { lifecycle: { preStop: { exec: { command: ['flush'] } } } } }],
  ['a preStop sleep as long as all', { container: { ...plain, lifecycle: sleep(30) } }, 'grace-too-short'],
  [
    'readiness that nobody sees fail',
    { container: { readinessProbe: probe('/readyz', 20_080, { periodSeconds: 10, failureThreshold: 3 }) } },
    'readiness-window',
  ],
  ['no readinessProbe', { container: { readinessProbe: undefined } }, 'no-readiness-probe'],
  ['no readinessProbe, without k8s-run', { container: { ...plain, readinessProbe: undefined } }, 'no-readiness-probe'],
  ['no readinessProbe in a Job', { kind: 'Job', container: { readinessProbe: undefined } }],
  [
    'no readinessProbe in a sidecar without ports',
    { others: [{ name: 'logs', image: 'l', resources: SOUND['resources'] }] },
  ],
  ...[true, '', [], {}, { httpGet: { path: '/readyz', port: 20_080 }, tcpSocket: { port: 8080 } }].map(
    (readinessProbe) =>
      [`${JSON.stringify(readinessProbe)} as a probe`, { container: { readinessProbe } }, 'bad-probe'] as const,
  ),
  [
    'no readinessProbe in a worker',
    { container: { command: k8sRun('--ready', 'process'), readinessProbe: undefined, ports: undefined } },
  ],
  ['another port', { container: { readinessProbe: probe('/readyz', 20_081) } }, 'probe-port'],
  ['a port by a name that is none', { container: { livenessProbe: probe('/livez', 'health') } }, 'probe-port'],
  [
    'a port by name',
    {
      container: {
        ports: [{ name: 'health', containerPort: 20_080 }],
        livenessProbe: probe('/livez', 'health', { failureThreshold: 3 }),
      },
    },
  ],
  [
    'a health port that moved',
    { container: env('K8S_RUN_HEALTH_PORT', '20081') },
    'probe-port',
    'probe-port',
    'probe-port',
  ],
  [
    'no health port',
    { container: { command: k8sRun('--health-port', 'off') } },
    'probe-port',
    'probe-port',
    'probe-port',
  ],
  [
    'HTTPS',
    {
      container: {
        readinessProbe: { ...probe('/readyz', 20_080), httpGet: { path: '/readyz', port: 20_080, scheme: 'HTTPS' } },
      },
    },
    'probe-port',
  ],
  ['a path that is none', { container: { readinessProbe: probe('/ready', 20_080) } }, 'probe-path'],
  ['liveness as readiness', { container: { readinessProbe: probe('/livez', 20_080) } }, 'probe-path'],
  ['readiness as liveness', { container: { livenessProbe: probe('/readyz', 20_080) } }, 'liveness-is-readiness'],
  [
    'an open port as readiness',
    { container: { readinessProbe: { tcpSocket: { port: 20_080 } } } },
    'probe-path',
    'readiness-window',
  ],
  [
    'k8s-run probe live as readiness',
    { container: { readinessProbe: { exec: { command: ['k8s-run', 'probe', 'live'] } } } },
    'probe-path',
    'readiness-window',
  ],
  [
    'k8s-run probe as liveness',
    { container: { livenessProbe: { exec: { command: ['k8s-run', 'probe'] } } } },
    'liveness-is-readiness',
  ],
  ['the app asked past k8s-run', { container: { readinessProbe: probe('/up', 8080) } }, 'probe-past-k8s-run'],
  [
    'both questions the same, without k8s-run',
    {
      container: {
        ...plain,
        livenessProbe: probe('/up', 8080),
        startupProbe: probe('/up', 8080, { failureThreshold: 60 }),
      },
    },
    'liveness-is-readiness',
  ],
  [
    'a liveness that waits for nobody',
    { container: { ...plain, livenessProbe: probe('/alive', 8080) } },
    'liveness-kills-slow-start',
  ],
  [
    'a liveness that waits long',
    { container: { ...plain, livenessProbe: probe('/alive', 8080, { initialDelaySeconds: 600 }) } },
  ],
  [
    'a startup that is short',
    { container: { startupProbe: probe('/startupz', 20_080, { failureThreshold: 3 }) } },
    'liveness-kills-slow-start',
  ],
  [
    'a shell in front of the app',
    { container: { ...plain, command: ['sh', '-c', 'node server.js'], args: undefined } },
    'shell-entrypoint',
  ],
  [
    'a shell that gives way',
    { container: { ...plain, command: ['/bin/bash', '-ec'], args: ['migrate && exec node server.js'] } },
  ],
  [
    'a shell in front of k8s-run',
    { container: { command: ['sh', '-c', 'k8s-run -- node server.js'], args: undefined } },
    'shell-entrypoint',
  ],
  [
    'a shell that gives way with words in quotation marks',
    {
      container: {
        ...plain,
        command: ['sh', '-c', 'if x; then exec node "$A" 2>&1; fi; exec node \\\n "b"'],
        args: undefined,
      },
    },
  ],
  ['a shell under k8s-run', { container: { args: ['sh', '-c', 'node a; node b'] } }],
  [
    'the shell alone is signalled',
    { container: { command: k8sRun('--signal-scope', 'process'), args: ['sh', '-c', 'node server.js'] } },
    'shell-entrypoint',
  ],
  [
    'words that the kubelet makes others of',
    { container: { command: ['k8s-run', '--termination-log', '$$$(A)', '--'] } },
  ],
  [
    'a variable in a variable',
    {
      container: {
        env: [
          { name: 'G', value: '40s' },
          { name: 'K8S_RUN_GRACE', value: '$(G)' },
        ],
      },
    },
    'grace-too-short',
  ],
  ['an option that is none', { container: { command: k8sRun('--graze', '1s') } }, 'bad-option'],
  ['a value that cannot be', { container: env('K8S_RUN_GRACE', 'soon') }, 'bad-option'],
  ['a variable that is none', { container: env('K8S_RUN_GRAZE', '1s') }, 'unknown-variable'],
  ...['1_000', 'y', 'N', '0b11', '-0x1F', '0X1F', '0o17', '1e3', '685_230.15', 'on'].map(
    (value) => [`${value}, as kubectl reads it`, { container: env('A', plainly(value)) }, 'env-not-text'] as const,
  ),
  ...['1:30', '190:20:30', '2001-01-01', '1.2.3', '_1', 'tRue', 'yes!', 'no-one'].map(
    (value) => [`${value}, as kubectl reads it`, { container: env('A', plainly(value)) }] as const,
  ),
  [
    'numbers in the command',
    { container: { command: k8sRun('--grace').toSpliced(2, 0, 10 as never), args: ['x', 1] } },
    'env-not-text',
    'env-not-text',
  ],
  ['a number as a value', { container: env('RETRIES', 3) }, 'env-not-text'],
  ['no limits', { container: { resources: { limits: { cpu: 1 } } } }, 'no-memory-limit'],
  ['limits of the pod', { container: { resources: undefined }, pod: { resources: { limits: { memory: '1Gi' } } } }],
  [
    'one replica, and nothing to add or to take away',
    { spec: { replicas: 1, strategy: { rollingUpdate: { maxSurge: 0 } } } },
    'no-surge',
  ],
  ['more of them', { spec: { replicas: 2, strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: '25%' } } } }],
  [
    'all of however many',
    { spec: { replicas: undefined, strategy: { rollingUpdate: { maxUnavailable: '100%' } } } },
    'no-surge',
  ],
  ['one replica', { spec: { replicas: 1 } }],
  [
    'one replica without surge',
    { spec: { replicas: 1, strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } } } },
    'no-surge',
  ],
  [
    'all may be missing',
    { spec: { replicas: 4, strategy: { rollingUpdate: { maxUnavailable: '100%' } } } },
    'no-surge',
  ],
  ['Recreate', { spec: { strategy: { type: 'Recreate' } } }, 'no-surge'],
  [
    'a hostPort that an update waits for',
    { container: { ports: [{ containerPort: 8080, hostPort: 8081 }] } },
    'host-port',
  ],
  ['a hostPort in a DaemonSet', { kind: 'DaemonSet', container: { ports: [{ containerPort: 8080, hostPort: 8082 }] } }],
  [
    'a hostPort of another',
    { kind: 'DaemonSet', container: { ports: [{ containerPort: 8080, hostPort: 8082 }] } },
    'host-port',
  ],
  [
    'a native sidecar with the same port, and less time than it needs',
    { pod: { initContainers: [{ ...SIDECAR, command: k8sRun('--grace', '40s') }] } },
    'grace-too-short',
    'port-conflict',
  ],
  ['a native sidecar', { pod: { initContainers: [{ ...SIDECAR, command: k8sRun('--health-port', '20081') }] } }],
  [
    'a container before, that is a shell and has mistakes',
    {
      pod: {
        initContainers: [
          { name: 'a', image: 'a', command: ['sh', '-c', 'until nc db; do sleep 1; done'] },
          { name: 'b', image: 'b', command: k8sRun('--graze'), args: ['x'], ...env('A', 1) },
        ],
      },
    },
    'bad-option',
    'env-not-text',
  ],
  [
    'two health ports of one number',
    { others: [{ ...SOUND, name: 'api', ports: [{ containerPort: 9090 }] }] },
    'port-conflict',
  ],
  [
    'one port for two',
    {
      others: [
        {
          ...plain,
          name: 'api',
          image: 'a',
          ports: [{ containerPort: 8080 }],
          readinessProbe: probe('/up', 8080),
          resources: SOUND['resources'],
        },
      ],
    },
    'port-conflict',
  ],
];
