import { rollingUpdate } from './app-objects.ts';
import { containerSecurityContext, probesOf, resourcesOf } from './container.ts';
import { commandOf, entrypointOf } from './container-command.ts';
import type { ManifestInput } from './manifest-input.ts';
import { podFieldsOf, podSecurityContext } from './pod.ts';
import { volumeMountsOf, volumesOf } from './volumes.ts';
import { withComment, writeYaml, type YamlFields } from './yaml-writer.ts';

/** The values of a Helm chart, by the names of `helm create`; values that its templates do not use come last. */
export function helmValues(input: ManifestInput): string {
  const { image, port, replicas, health } = input;
  const { args, env } = commandOf(input);
  const { startupProbe, readinessProbe, livenessProbe } = probesOf(input, health.port);
  const { terminationGracePeriodSeconds } = podFieldsOf(input);
  const [, repository = image, tag = ''] = /^(.*?)(?::([^:/]*))?$/.exec(image) ?? [];
  const values: YamlFields = {
    replicaCount: replicas,
    image: { repository, tag },
    service: port === null ? undefined : { type: 'ClusterIP', port: port.grpc ? port.number : 80 },
    podSecurityContext: podSecurityContext(),
    securityContext: containerSecurityContext(),
    resources: resourcesOf(input),
    livenessProbe,
    readinessProbe,
    volumes: volumesOf(input),
    volumeMounts: volumeMountsOf(input),
    startupProbe: withComment(NOT_IN_TEMPLATES, startupProbe ?? {}),
    terminationGracePeriodSeconds: terminationGracePeriodSeconds ?? input.shutdown.seconds,
    command: entrypointOf(input),
    args,
    env: env.length === 0 ? undefined : env,
    strategy: rollingUpdate(),
  };
  return writeYaml(values, 'values.yaml for a chart made by `helm create`.');
}

const NOT_IN_TEMPLATES = `The templates of \`helm create\` do not use the values below. Add them to templates/deployment.yaml with \`toYaml\`, as the
probes are there: startupProbe, command, args and env to the container, terminationGracePeriodSeconds to the pod, strategy
to the spec of the Deployment.`;
