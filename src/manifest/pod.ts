import { escapeVariables } from '../config/pod-manifest/expand.ts';
import { because, type Fields, type Value } from './document.ts';
import { type Secret, withoutSecrets } from './secrets.ts';
import type { Wanted } from './wanted.ts';

const CONFIG_FOLDER = '/etc/k8s-run';

export function labelsOf({ name }: Wanted): Fields {
  return { 'app.kubernetes.io/name': name };
}

/** The pod of a Deployment. */
export function podOf(wanted: Wanted): Fields {
  return {
    ...sharedOf(wanted),
    topologySpreadConstraints: because(
      'Spread over zones and nodes, so that one that fails takes only its share; ScheduleAnyway, for a pod on a\nfull node serves better than a pending one. Old pods do not count for new ones (pod-template-hash).',
      ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map((topologyKey) => ({
        maxSkew: 1,
        topologyKey,
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: { matchLabels: labelsOf(wanted) },
        matchLabelKeys: ['pod-template-hash'],
      })),
    ),
    containers: [containerOf(wanted)],
    volumes: volumesOf(wanted),
  };
}

/** What a pod says beside its containers. */
export function sharedOf({ shutdown }: Wanted): Fields {
  return {
    terminationGracePeriodSeconds: because(
      `${shutdown.sum}.\nAt its end the kubelet kills everything, k8s-run included: raise it together with the options.`,
      shutdown.seconds,
    ),
    enableServiceLinks: because('The variables of every Service in the namespace would reach the app.', false),
    automountServiceAccountToken: because('Only who talks to the API of Kubernetes needs its token.', false),
    securityContext: because(
      'With those of the container these pass the restricted Pod Security Standard. The image must name\na user by number (USER 1000).',
      podSecurityContext(),
    ),
  };
}

export function podSecurityContext(): Fields {
  return { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };
}

export function containerOf(wanted: Wanted): Fields {
  const { name, image } = wanted;
  const { args, env } = commandOf(wanted);
  return {
    name,
    image:
      image.includes(':') || image.includes('@')
        ? image
        : because('Name a version, or a rollout changes nothing.', image),
    command: entrypointOf(wanted),
    args,
    env: env.length === 0 ? undefined : env,
    ports: portsOf(wanted),
    ...probesOf(wanted),
    resources: resourcesOf(wanted),
    securityContext: containerSecurityContext(),
    volumeMounts: volumeMountsOf(wanted),
  };
}

/** The app's command line as args, and the options as variables, which hold whatever ENTRYPOINT the image has. */
export function commandOf(wanted: Wanted): { readonly args: Value; readonly env: readonly Value[] } {
  const { name, entrypoint, options, command, variables, file } = wanted;
  const values = variables.map(([, value]) => value);
  const { words, secrets } = withoutSecrets([...options, '--', ...command, '--', ...values]);
  const app = words.slice(options.length + 1, options.length + 1 + command.length);
  const kept = words.slice(-values.length || words.length);
  const why =
    entrypoint !== null
      ? 'The app.'
      : options.length === 0
        ? "The app; the image's ENTRYPOINT is k8s-run."
        : 'Options that no variable can hold, and the app. The ENTRYPOINT of the image is k8s-run, without `--`.';
  const env: Value[] = [
    ...secrets.map((secret, index) => secretVariable(name, secret, index === 0)),
    ...(file === null ? [] : [{ name: 'K8S_RUN_CONFIG', value: `${CONFIG_FOLDER}/${file.name}` }]),
    ...variables.map(([variable], index) => ({ name: variable, value: kept[index] ?? '' })),
  ];
  const given = options.length === 0 ? [] : [...words.slice(0, options.length), '--'];
  // With `command` the options stand in it.
  return { args: because(why, entrypoint === null ? [...given, ...app] : [...app]), env };
}

/** What replaces the ENTRYPOINT of the image. */
export function entrypointOf({ entrypoint, options }: Wanted): Value | undefined {
  if (entrypoint === null) return undefined;
  return because('k8s-run is PID 1 and has every signal first.', [
    ...entrypoint.map(escapeVariables),
    ...withoutSecrets(options).words,
    '--',
  ]);
}

function secretVariable(app: string, { name, key }: Secret, first: boolean): Value {
  const valueFrom = { secretKeyRef: { name: app, key } };
  if (!first) return { name, valueFrom };
  const why = `What looked like a secret stays out of the manifest:\nkubectl create secret generic ${app} --from-literal=${key}=…`;
  return because(why, { name, valueFrom });
}

export function portsOf({ port, health }: Wanted): readonly Fields[] {
  const own = { name: 'health', containerPort: health.port };
  if (port === null) return [own];
  const assumed = 'Assumed; --port says which one it is.';
  const number = port.assumed ? because(assumed, port.number) : port.number;
  return [{ name: port.grpc ? 'grpc' : 'http', containerPort: number }, own];
}

/** All three are answered by k8s-run; `port` is how they name its port. */
export function probesOf({ health, entrypoint }: Wanted, port: 'health' | number = 'health'): Fields {
  const ask = (path: string, word: string): Fields =>
    health.asked === 'by http'
      ? { httpGet: { path, port } }
      : { exec: { command: [...(entrypoint ?? ['k8s-run']), 'probe', word] }, timeoutSeconds: 2 };
  return {
    startupProbe: because('The app has 60 s to start; raise failureThreshold where it needs more.', {
      ...ask('/startupz', 'startup'),
      periodSeconds: 1,
      failureThreshold: 60,
    }),
    readinessProbe: because(
      'k8s-run has counted failures already (--failure-threshold), so one is enough; 2 s, for one slow answer under a limit is none.',
      {
        ...ask('/readyz', 'ready'),
        periodSeconds: 2,
        timeoutSeconds: 2,
        failureThreshold: 1,
      },
    ),
    livenessProbe: because(
      'A restart cures a deadlock, not a slow database: slower, and never the same as readiness.',
      {
        ...ask('/livez', 'live'),
        periodSeconds: 10,
        timeoutSeconds: 2,
        failureThreshold: 3,
      },
    ),
  };
}

export function resourcesOf({ cpu, memory }: Wanted): Fields {
  return {
    requests: because('What the scheduler keeps free for it: measure, and set both.', { cpu, memory }),
    limits: because(
      'Memory as requested, so that the pod is not the one that is evicted. No CPU limit: it would throttle the\napp, its probes and its shutdown while the node has time to spare.',
      { memory },
    ),
  };
}

export function containerSecurityContext(): Fields {
  return {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    readOnlyRootFilesystem: because('k8s-run writes no file; the app has /tmp.', true),
  };
}

export function volumesOf({ name, file }: Wanted): readonly Value[] {
  const tmp = { name: 'tmp', emptyDir: {} };
  if (file === null) return [tmp];
  const source =
    file.text === null ? { secret: { secretName: `${name}-k8s-run` } } : { configMap: { name: `${name}-k8s-run` } };
  const why = `The file may hold secrets, so it is not in here:\nkubectl create secret generic ${name}-k8s-run --from-file=${file.name}`;
  const volume = { name: 'k8s-run', ...source };
  return [tmp, file.text === null ? because(why, volume) : volume];
}

export function volumeMountsOf({ file }: Wanted): readonly Fields[] {
  const tmp = { name: 'tmp', mountPath: '/tmp' };
  return file === null ? [tmp] : [tmp, { name: 'k8s-run', mountPath: CONFIG_FOLDER, readOnly: true }];
}
