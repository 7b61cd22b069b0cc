import { containerSecurityContext, resourcesOf } from './container.ts';
import { commandOf, entrypointOf, environmentFromOf } from './container-command.ts';
import type { ManifestInput } from './manifest-input.ts';
import { gracePeriodComment, podSecurityContext } from './pod.ts';
import { probesOf } from './probes.ts';
import { resizePolicyOf } from './resize-policy.ts';
import { volumeMountsOf, volumesOf } from './volumes.ts';
import { rollingUpdate } from './workload.ts';
import { type ManifestDocument, withComment, type YamlFields } from './yaml-writer.ts';

/** The values of a Helm chart, by the names of `helm create`; values that its templates do not use come last. */
export function helmValues(input: ManifestInput): ManifestDocument {
  const { image, ports, health, serviceAccount, imagePullSecrets, labels, scale, shutdown } = input;
  const { args, env } = commandOf(input);
  const { startupProbe, readinessProbe, livenessProbe } = probesOf(input, health.port);
  const [port] = ports;
  const values: YamlFields = {
    replicaCount: 'replicas' in scale ? scale.replicas : undefined,
    image: imageValues(image),
    imagePullSecrets: imagePullSecrets.length === 0 ? undefined : imagePullSecrets.map((name) => ({ name })),
    serviceAccount:
      serviceAccount === null ? undefined : { create: serviceAccount !== 'default', name: serviceAccount },
    podLabels: labels.length === 0 ? undefined : Object.fromEntries(labels),
    service: port === undefined ? undefined : { type: 'ClusterIP', port: withComment(OF_BOTH, port.number) },
    podSecurityContext: podSecurityContext(),
    securityContext: containerSecurityContext(),
    resources: resourcesOf(input),
    autoscaling: 'replicas' in scale ? undefined : autoscaling(scale),
    livenessProbe,
    readinessProbe,
    volumes: volumesOf(input),
    volumeMounts: volumeMountsOf(input),
    startupProbe: withComment(NOT_IN_TEMPLATES, startupProbe ?? {}),
    resizePolicy: resizePolicyOf(input),
    command: entrypointOf(input),
    args,
    env: env.length === 0 ? undefined : env,
    envFrom: environmentFromOf(input),
    terminationMessagePath: input.terminationLog ?? undefined,
    terminationGracePeriodSeconds: withComment(gracePeriodComment(shutdown.sum), shutdown.seconds),
    strategy: rollingUpdate(),
  };
  return { fields: values, head: 'values.yaml for a chart made by `helm create`.' };
}

/** The templates write `repository:tag`, so of a digest the hash is the tag, and `name@sha256` the repository. */
function imageValues({ name, tag, digest }: ManifestInput['image']): YamlFields {
  if (digest === null) return { repository: name, tag: tag ?? 'latest' };
  const [algorithm = '', hash = ''] = digest.split(':');
  return { repository: `${name}${tag === null ? '' : `:${tag}`}@${algorithm}`, tag: hash };
}

function autoscaling({ least, most }: { readonly least: number; readonly most: number }): YamlFields {
  return { enabled: true, minReplicas: least, maxReplicas: most, targetCPUUtilizationPercentage: 70 };
}

const OF_BOTH = 'The templates give the container the same port.';

const NOT_IN_TEMPLATES = `The templates of \`helm create\` do not use the values below. In templates/deployment.yaml add these lines to the
container, beside its readinessProbe:

          {{- range $field := list "startupProbe" "command" "args" "env" "envFrom" "terminationMessagePath" "resizePolicy" }}
          {{- with index $.Values $field }}
          {{ $field }}:
            {{- toYaml . | nindent 12 }}
          {{- end }}
          {{- end }}

these to the pod, beside its containers:

      {{- with .Values.terminationGracePeriodSeconds }}
      terminationGracePeriodSeconds: {{ . }}
      {{- end }}

and these to the Deployment, beside its selector:

  {{- with .Values.strategy }}
  strategy:
    {{- toYaml . | nindent 4 }}
  {{- end }}
`;
