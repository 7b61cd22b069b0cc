import {
  CONTAINER,
  env,
  k8sRun,
  type ManifestChange,
  type ManifestFields,
  probe,
  sleep,
  unquoted,
  WITHOUT_K8S_RUN,
} from './manifest-builder.ts';

const SIDECAR = {
  name: 'proxy',
  image: 'p',
  restartPolicy: 'Always',
  args: ['proxy'],
  resources: CONTAINER['resources'],
};

const VOLUME = { name: 'data', persistentVolumeClaim: { claimName: 'data' } };
const onNodes = (values: readonly string[]): ManifestFields => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'pool', operator: 'In', values }] }],
      },
    },
  },
});
const hostPort = (port: number, more: object = {}): ManifestFields => ({
  ports: [{ containerPort: 8080, hostPort: port, ...more }],
});

/** Changes of a manifest without findings, and the errors and warnings that each one causes; the notes that it is about, too. */
export const FINDING_CASES: readonly (readonly [what: string, change: ManifestChange, ...rules: readonly string[]])[] =
  [
    ['no mistake', {}],
    ['no command, so that the options are those of the image', { container: { command: undefined } }],
    [
      'a --grace that does not fit into the grace period',
      { container: { command: k8sRun('--grace', '40s') } },
      'grace-period-too-short',
    ],
    [
      'K8S_RUN_GRACE that does not fit into the grace period',
      { container: env('K8S_RUN_GRACE', '40s') },
      'grace-period-too-short',
    ],
    [
      'a --grace that fits into the grace period',
      { container: { command: k8sRun('--grace=40s') }, pod: { terminationGracePeriodSeconds: 47 } },
    ],
    [
      'a grace period that is one second too short',
      { container: { command: k8sRun('--grace=40s') }, pod: { terminationGracePeriodSeconds: 46 } },
      'grace-period-too-short',
    ],
    [
      'no grace period, so that the default counts',
      { container: { command: k8sRun('--grace', '40s') }, pod: { terminationGracePeriodSeconds: undefined } },
      'grace-period-too-short',
    ],
    [
      'hooks that do not fit into the grace period',
      { container: { command: k8sRun('--pre-stop', 'x', '--post-exit', 'y', '--hook-timeout', '9s') } },
      'grace-period-too-short',
    ],
    [
      'a drain that does not fit into the grace period',
      { container: { command: k8sRun('--drain-connections', '20s') } },
      'grace-period-too-short',
    ],
    [
      'a --termination-grace-period longer than that of the pod',
      { container: { command: k8sRun('--termination-grace-period', '60') } },
      'grace-period-too-short',
    ],
    [
      'the --termination-grace-period of the pod',
      { container: { command: k8sRun('--termination-grace-period', '30') } },
    ],
    [
      'a --termination-grace-period shorter than the phases',
      { container: { command: k8sRun('--termination-grace-period', '30', '--grace', '40s') } },
      'invalid-option',
    ],
    [
      '--stop-on none, so that no signal stops the app',
      { container: { command: k8sRun('--stop-on', 'none', '--grace', '90s') } },
      'unused-option',
    ],
    ['a preStop sleep', { container: { lifecycle: sleep(3) } }, 'prestop-doubles-delay'],
    [
      'a preStop sleep longer than the shutdown delay',
      { container: { lifecycle: { preStop: { exec: { command: ['/bin/sh', '-c', 'sleep 9'] } } } } },
      'grace-period-too-short',
      'prestop-doubles-delay',
    ],
    [
      'a preStop sleep instead of the shutdown delay',
      { container: { lifecycle: sleep(5), command: k8sRun('--shutdown-delay', '0') } },
    ],
    ['a preStop hook that does not sleep', { container: { lifecycle: { preStop: { exec: { command: ['flush'] } } } } }],
    [
      'a preStop sleep as long as the grace period',
      { container: { ...WITHOUT_K8S_RUN, lifecycle: sleep(30) } },
      'grace-period-too-short',
    ],
    [
      'a readinessProbe slower than the shutdown',
      { container: { readinessProbe: probe('/readyz', 20_080, { periodSeconds: 10, failureThreshold: 3 }) } },
      'readiness-window',
    ],
    ['no readinessProbe', { container: { readinessProbe: undefined } }, 'no-readiness-probe'],
    [
      'no readinessProbe and no k8s-run',
      { container: { ...WITHOUT_K8S_RUN, readinessProbe: undefined } },
      'no-readiness-probe',
    ],
    ['no readinessProbe in a Job', { kind: 'Job', container: { readinessProbe: undefined } }],
    [
      'no readinessProbe in a sidecar without ports',
      { others: [{ name: 'logs', image: 'l', resources: CONTAINER['resources'] }] },
    ],
    ...[true, '', [], {}, { httpGet: { path: '/readyz', port: 20_080 }, tcpSocket: { port: 8080 } }].map(
      (readinessProbe) =>
        [
          `${JSON.stringify(readinessProbe)} as its readinessProbe`,
          { container: { readinessProbe } },
          'invalid-probe',
        ] as const,
    ),
    [
      'no readinessProbe in a worker',
      { container: { command: k8sRun('--ready', 'process'), readinessProbe: undefined, ports: undefined } },
    ],
    [
      'a readinessProbe at a port that no container has',
      { container: { readinessProbe: probe('/readyz', 20_081) } },
      'probe-port',
    ],
    [
      'a livenessProbe at a port name that the container does not have',
      { container: { livenessProbe: probe('/livez', 'health', { failureThreshold: 3 }) } },
      'probe-port',
    ],
    [
      'a livenessProbe at a port name of the container',
      {
        container: {
          ports: [{ name: 'health', containerPort: 20_080 }],
          livenessProbe: probe('/livez', 'health', { failureThreshold: 3 }),
        },
      },
    ],
    [
      'another health port than the probes have',
      { container: env('K8S_RUN_HEALTH_PORT', '20081') },
      'probe-port',
      'probe-port',
      'probe-port',
    ],
    [
      '--health-port off',
      { container: { command: k8sRun('--health-port', 'off') } },
      'probe-port',
      'probe-port',
      'probe-port',
    ],
    [
      'a readinessProbe with HTTPS',
      {
        container: {
          readinessProbe: { ...probe('/readyz', 20_080), httpGet: { path: '/readyz', port: 20_080, scheme: 'HTTPS' } },
        },
      },
      'probe-port',
    ],
    ['a readinessProbe at an unknown path', { container: { readinessProbe: probe('/ready', 20_080) } }, 'probe-path'],
    ['a readinessProbe at /livez', { container: { readinessProbe: probe('/livez', 20_080) } }, 'probe-path'],
    ['a livenessProbe at /readyz', { container: { livenessProbe: probe('/readyz', 20_080) } }, 'liveness-is-readiness'],
    [
      'a readinessProbe with tcpSocket at the health port',
      { container: { readinessProbe: { tcpSocket: { port: 20_080 } } } },
      'probe-path',
      'readiness-window',
    ],
    [
      'a readinessProbe with k8s-run probe live',
      { container: { readinessProbe: { exec: { command: ['k8s-run', 'probe', 'live'] } } } },
      'probe-path',
      'readiness-window',
    ],
    [
      'a livenessProbe with k8s-run probe',
      { container: { livenessProbe: { exec: { command: ['k8s-run', 'probe'] } } } },
      'liveness-is-readiness',
    ],
    [
      'a readinessProbe of the app under k8s-run',
      { container: { readinessProbe: probe('/up', 8080) } },
      'probe-bypasses-k8s-run',
    ],
    [
      'a livenessProbe equal to the readinessProbe, without k8s-run',
      {
        container: {
          ...WITHOUT_K8S_RUN,
          readinessProbe: probe('/up', 8080, { failureThreshold: 3 }),
          livenessProbe: probe('/up', 8080, { failureThreshold: 3 }),
          startupProbe: probe('/up', 8080, { failureThreshold: 60 }),
        },
      },
      'liveness-is-readiness',
    ],
    [
      'a livenessProbe at the endpoint of the readinessProbe, with a higher threshold',
      {
        container: {
          ...WITHOUT_K8S_RUN,
          livenessProbe: probe('/up', 8080, { failureThreshold: 5 }),
          startupProbe: probe('/up', 8080, { failureThreshold: 60 }),
        },
      },
    ],
    [
      'a slow readinessProbe without k8s-run, whose endpoint is not ready once it terminates',
      { container: { ...WITHOUT_K8S_RUN, readinessProbe: probe('/up', 8080, { periodSeconds: 60 }) } },
    ],
    [
      'the same port twice in one container',
      {
        container: {
          ports: [
            { name: 'http', containerPort: 8080 },
            { name: 'metrics', containerPort: 8080 },
          ],
        },
      },
    ],
    [
      'a livenessProbe without a startupProbe',
      { container: { ...WITHOUT_K8S_RUN, livenessProbe: probe('/alive', 8080, { failureThreshold: 3 }) } },
      'liveness-kills-slow-start',
    ],
    [
      'a livenessProbe with a long initialDelaySeconds',
      {
        container: {
          ...WITHOUT_K8S_RUN,
          livenessProbe: probe('/alive', 8080, { failureThreshold: 3, initialDelaySeconds: 600 }),
        },
      },
    ],
    [
      'a startupProbe that gives three seconds',
      { container: { startupProbe: probe('/startupz', 20_080, { failureThreshold: 3 }) } },
      'liveness-kills-slow-start',
    ],
    [
      'a shell in front of the app',
      { container: { ...WITHOUT_K8S_RUN, command: ['sh', '-c', 'node server.js'], args: undefined } },
      'shell-entrypoint',
    ],
    [
      'a shell with exec in front of the app',
      { container: { ...WITHOUT_K8S_RUN, command: ['/bin/bash', '-ec'], args: ['migrate && exec node server.js'] } },
    ],
    [
      'a shell in front of k8s-run',
      { container: { command: ['sh', '-c', 'k8s-run -- node server.js'], args: undefined } },
      'shell-entrypoint',
    ],
    [
      'a shell with exec, quotes and redirections',
      {
        container: {
          ...WITHOUT_K8S_RUN,
          command: ['sh', '-c', 'if x; then exec node "$A" 2>&1; fi; exec node \\\n "b"'],
          args: undefined,
        },
      },
    ],
    ['a shell under k8s-run, which signals the group', { container: { args: ['sh', '-c', 'node a; node b'] } }],
    [
      'a shell under k8s-run --signal-scope process',
      { container: { command: k8sRun('--signal-scope', 'process'), args: ['sh', '-c', 'node server.js'] } },
      'shell-entrypoint',
    ],
    [
      'words with $$ and $(A), which the kubelet expands',
      { container: { command: ['k8s-run', '--termination-log', '$$$(A)', '--'] } },
    ],
    [
      'K8S_RUN_GRACE that refers to another variable',
      {
        container: {
          env: [
            { name: 'G', value: '40s' },
            { name: 'K8S_RUN_GRACE', value: '$(G)' },
          ],
        },
      },
      'grace-period-too-short',
    ],
    ['an unknown option', { container: { command: k8sRun('--graze', '1s') } }, 'invalid-option'],
    ['an invalid value of a variable of k8s-run', { container: env('K8S_RUN_GRACE', 'soon') }, 'invalid-option'],
    ['an unknown variable of k8s-run', { container: env('K8S_RUN_GRAZE', '1s') }, 'unknown-variable'],
    ...['1_000', 'y', 'N', '0b11', '-0x1F', '0X1F', '0o17', '1e3', '685_230.15', 'on'].map(
      (value) =>
        [
          `a variable with ${value}, which kubectl does not read as a string`,
          { container: env('A', unquoted(value)) },
          'wrong-type',
        ] as const,
    ),
    ...['1:30', '190:20:30', '2001-01-01', '1.2.3', '_1', 'tRue', 'yes!', 'no-one'].map(
      (value) =>
        [
          `a variable with ${value}, which kubectl reads as a string`,
          { container: env('A', unquoted(value)) },
        ] as const,
    ),
    [
      'numbers in command and args',
      { container: { command: k8sRun('--grace').toSpliced(2, 0, 10 as never), args: ['x', 1] } },
      'wrong-type',
      'wrong-type',
    ],
    ['a number as the value of a variable', { container: env('RETRIES', 3) }, 'wrong-type'],
    ['no memory limit', { container: { resources: { limits: { cpu: 1 } } } }, 'no-memory-limit'],
    [
      'a memory limit of the pod',
      { container: { resources: undefined }, pod: { resources: { limits: { memory: '1Gi' } } } },
    ],
    [
      'one replica, maxSurge 0 and maxUnavailable 25%',
      { spec: { replicas: 1, strategy: { rollingUpdate: { maxSurge: 0 } } } },
      'no-surge',
    ],
    [
      'two replicas, maxSurge 0 and maxUnavailable 25%',
      { spec: { replicas: 2, strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: '25%' } } } },
    ],
    [
      'no replicas and maxUnavailable 100%',
      { spec: { replicas: undefined, strategy: { rollingUpdate: { maxUnavailable: '100%' } } } },
      'no-surge',
    ],
    ['one replica', { spec: { replicas: 1 } }],
    [
      'one replica, maxSurge 0 and maxUnavailable 1',
      { spec: { replicas: 1, strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } } } },
      'no-surge',
    ],
    [
      'four replicas and maxUnavailable 100%',
      { spec: { replicas: 4, strategy: { rollingUpdate: { maxUnavailable: '100%' } } } },
      'no-surge',
    ],
    [
      'strategy Recreate, which a volume needs that only one node may mount',
      { spec: { strategy: { type: 'Recreate' } }, pod: { volumes: [VOLUME] } },
    ],
    [
      'a volume that only one node may mount, and maxSurge 0',
      {
        spec: { replicas: 1, strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } } },
        pod: { volumes: [VOLUME] },
      },
    ],
    [
      'strategy Recreate and a port of the node',
      { spec: { strategy: { type: 'Recreate' } }, container: { ports: [{ containerPort: 8080, hostPort: 8090 }] } },
    ],
    [
      'strategy Recreate and hostNetwork false',
      { spec: { strategy: { type: 'Recreate' } }, pod: { hostNetwork: false } },
      'no-surge',
    ],
    ['strategy Recreate', { spec: { strategy: { type: 'Recreate' } } }, 'no-surge'],
    ['a command that is one string', { container: { command: undefined, args: 'node server.js' } }, 'wrong-type'],
    [
      'a period with a fraction',
      { container: { readinessProbe: probe('/readyz', 20_080, { periodSeconds: 2.5 }) } },
      'wrong-type',
    ],
    [
      'maxSurge 0 and maxUnavailable 0%',
      { spec: { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: '0%' } } } },
      'invalid-value',
    ],
    ['minReadySeconds beyond the default deadline', { spec: { minReadySeconds: 601 } }, 'invalid-value'],
    [
      'strategy Recreate in a worker',
      {
        spec: { strategy: { type: 'Recreate' } },
        container: {
          command: k8sRun('--ready', 'process'),
          ports: undefined,
          readinessProbe: undefined,
          startupProbe: undefined,
        },
      },
    ],
    ['a hostPort in a Deployment', { container: { ports: [{ containerPort: 8080, hostPort: 8081 }] } }, 'host-port'],
    [
      'a hostPort in a DaemonSet',
      { kind: 'DaemonSet', container: { ports: [{ containerPort: 8080, hostPort: 8082 }] } },
    ],
    [
      'a hostPort that another DaemonSet has',
      { kind: 'DaemonSet', container: { ports: [{ containerPort: 8080, hostPort: 8082 }] } },
      'host-port',
    ],
    [
      'a hostPort that a DaemonSet on other nodes has',
      { kind: 'DaemonSet', pod: { nodeSelector: { pool: 'a' } }, container: hostPort(8083) },
    ],
    [
      'a hostPort and another nodeSelector',
      { kind: 'DaemonSet', pod: { nodeSelector: { pool: 'b' } }, container: hostPort(8083) },
    ],
    [
      'a hostPort and a nodeAffinity for other nodes',
      { kind: 'DaemonSet', pod: onNodes(['c', 'd']), container: hostPort(8083) },
    ],
    [
      'a hostPort that a DaemonSet on some of its nodes has',
      { kind: 'DaemonSet', pod: onNodes(['a', 'd']), container: hostPort(8083) },
      'host-port',
    ],
    ['a hostPort at one address', { kind: 'DaemonSet', container: hostPort(8084, { hostIP: '127.0.0.1' }) }],
    ['a hostPort at another address', { kind: 'DaemonSet', container: hostPort(8084, { hostIP: '10.0.0.1' }) }],
    ['a hostPort of another protocol', { kind: 'DaemonSet', container: hostPort(8084, { protocol: 'UDP' }) }],
    [
      'a hostPort at all addresses',
      { kind: 'DaemonSet', container: hostPort(8084, { hostIP: '0.0.0.0' }) },
      'host-port',
    ],
    ['the port of another and hostNetwork false', { kind: 'DaemonSet', pod: { hostNetwork: false } }],
    ['hostNetwork', { kind: 'DaemonSet', pod: { hostNetwork: true }, container: { ports: [{ containerPort: 8085 }] } }],
    ['a hostPort that a pod with hostNetwork has', { kind: 'DaemonSet', container: hostPort(8085) }, 'host-port'],
    ['a hostPort in a Job', { kind: 'Job', container: hostPort(8085) }],
    ['a hostPort and replicas 0', { spec: { replicas: 0 }, container: hostPort(8085) }],
    ['hostPort 0', { kind: 'DaemonSet', container: hostPort(0) }],
    ['hostPort 0 again', { kind: 'DaemonSet', container: hostPort(0) }],
    [
      'a native sidecar with the same health port and a longer grace',
      { pod: { initContainers: [{ ...SIDECAR, command: k8sRun('--grace', '40s') }] } },
      'grace-period-too-short',
      'port-conflict',
    ],
    [
      'a native sidecar with a health port of its own',
      { pod: { initContainers: [{ ...SIDECAR, command: k8sRun('--health-port', '20081') }] } },
    ],
    [
      'init containers with a shell and with mistakes',
      {
        pod: {
          initContainers: [
            { name: 'a', image: 'a', command: ['sh', '-c', 'until nc db; do sleep 1; done'] },
            { name: 'b', image: 'b', command: k8sRun('--graze'), args: ['x'], ...env('A', 1) },
          ],
        },
      },
      'invalid-option',
      'wrong-type',
    ],
    [
      'two containers with the same health port',
      { others: [{ ...CONTAINER, name: 'api', ports: [{ containerPort: 9090 }] }] },
      'port-conflict',
    ],
    [
      'two containers with the same port',
      {
        others: [
          {
            ...WITHOUT_K8S_RUN,
            name: 'api',
            image: 'a',
            ports: [{ containerPort: 8080 }],
            readinessProbe: probe('/up', 8080),
            resources: CONTAINER['resources'],
          },
        ],
      },
      'port-conflict',
    ],
    ['nginx and the default signal', { container: { args: ['nginx', '-g', 'daemon off;'] } }, 'program-signal'],
    [
      'nginx and --stop-signal QUIT',
      { container: { command: k8sRun('--stop-signal', 'QUIT'), args: ['nginx', '-g', 'daemon off;'] } },
    ],
    [
      'the official image of nginx, whose STOPSIGNAL is only passed on',
      { container: { image: 'nginx:1.27', command: k8sRun('--stop-signal', 'QUIT'), args: ['nginx'] } },
      'program-signal',
    ],
    [
      'the official image of nginx, whose STOPSIGNAL starts the shutdown',
      { container: { image: 'nginx:1.27', command: k8sRun('--stop-on', 'QUIT,TERM,INT'), args: ['nginx'] } },
    ],
    [
      'the official image of nginx and lifecycle.stopSignal SIGTERM',
      {
        container: {
          image: 'docker.io/library/nginx:1.27',
          lifecycle: { stopSignal: 'SIGTERM' },
          command: k8sRun('--stop-signal', 'QUIT'),
          args: ['nginx'],
        },
        pod: { os: { name: 'linux' } },
      },
    ],
    [
      'the official image of postgres, whose STOPSIGNAL INT starts the shutdown',
      { container: { image: 'postgres:17', command: k8sRun(), args: ['docker-entrypoint.sh', 'postgres'] } },
    ],
    [
      'postgres in another image',
      { container: { image: 'example/postgres:17', command: k8sRun(), args: ['postgres'] } },
      'program-signal',
    ],
    [
      'a worker of celery and the signal for all processes',
      { container: { args: ['python3', '-m', 'celery', '-A', 'app', 'worker'] } },
      'program-signal',
    ],
    [
      'a worker of celery and --signal-scope process',
      {
        container: {
          ...env('K8S_RUN_SIGNAL_SCOPE', 'process'),
          args: ['python3', '-m', 'celery', '-A', 'app', 'worker'],
        },
      },
    ],
  ];
