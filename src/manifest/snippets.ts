import { because, type Fields, Said, type Value, write } from './document.ts';
import {
  commandOf,
  containerOf,
  containerSecurityContext,
  entrypointOf,
  podSecurityContext,
  probesOf,
  resourcesOf,
  sharedOf,
  volumeMountsOf,
  volumesOf,
} from './pod.ts';
import type { Wanted } from './wanted.ts';

/** A kustomization.yaml that makes a Deployment which is there already agree with the options. */
export function kustomization(wanted: Wanted): string {
  const { name, namespace, file } = wanted;
  const { image: _yours, command, ...container } = containerOf(wanted);
  const yours = {
    ...container,
    command:
      command ??
      because("The image's ENTRYPOINT runs k8s-run, so a command of yours must go: the app is in args.", null),
    ...mapped(probesOf(wanted), replaced),
  };
  const patch = write({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      strategy: because('A new pod is ready before an old one leaves.', {
        type: 'RollingUpdate',
        rollingUpdate: { maxUnavailable: 0, maxSurge: 1 },
      }),
      template: { spec: { ...sharedOf(wanted), containers: [yours], volumes: volumesOf(wanted) } },
    },
  });
  const head = `kustomization.yaml: lays what k8s-run needs over a Deployment ${name} whose container is called ${name}.`;
  return write(
    {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      namespace: namespace ?? undefined,
      resources: because('Yours.', ['deployment.yaml']),
      configMapGenerator:
        file?.text == null
          ? undefined
          : [{ name: `${name}-k8s-run`, files: [because(`Beside this file.`, file.name)] }],
      patches: [{ target: { kind: 'Deployment', name }, patch }],
    },
    head,
  );
}

/** A probe of yours that stays beside ours would ask two things, which the API server refuses. */
function replaced(probe: Value | undefined): Value {
  const [why, fields] = probe instanceof Said ? [probe.why, probe.value] : [null, probe];
  const whole = { $patch: 'replace', ...(fields as Fields) };
  return why === null ? whole : because(why, whole);
}

function mapped(fields: Fields, change: (value: Value | undefined) => Value): Fields {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, change(value)]));
}

/** Values for a Helm chart, under the names that `helm create` gives them; what its templates do not know comes last. */
export function helmValues(wanted: Wanted): string {
  const { image, port, replicas, health } = wanted;
  const { args, env } = commandOf(wanted);
  const { startupProbe, readinessProbe, livenessProbe } = probesOf(wanted, health.port);
  const { terminationGracePeriodSeconds } = sharedOf(wanted);
  const [, repository = image, tag = ''] = /^(.*?)(?::([^:/]*))?$/.exec(image) ?? [];
  const values: Fields = {
    replicaCount: replicas,
    image: { repository, tag },
    service: port === null ? undefined : { type: 'ClusterIP', port: port.grpc ? port.number : 80 },
    podSecurityContext: podSecurityContext(),
    securityContext: containerSecurityContext(),
    resources: resourcesOf(wanted),
    livenessProbe: livenessProbe,
    readinessProbe: readinessProbe,
    volumes: volumesOf(wanted),
    volumeMounts: volumeMountsOf(wanted),
    startupProbe: because(BEYOND, startupProbe ?? {}),
    terminationGracePeriodSeconds: terminationGracePeriodSeconds ?? wanted.shutdown.seconds,
    command: entrypointOf(wanted),
    args,
    env: env.length === 0 ? undefined : env,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
  };
  return write(values, 'values.yaml, under the names of a chart made by `helm create`.');
}

const BEYOND = `What follows is not in the templates of \`helm create\`. Add it to templates/deployment.yaml with \`toYaml\`, as the probes
there: startupProbe, command, args and env to the container, terminationGracePeriodSeconds to the pod, strategy to the spec.`;
