import type { ManifestInput } from './manifest-input.ts';
import { labelsOf, podOf } from './pod.ts';
import { withComment, writeYaml, type YamlFields } from './yaml-writer.ts';

/** The objects of an app, in the order in which kubectl should apply them. */
export function appObjects(input: ManifestInput): string {
  const documents = [configMap(input), deployment(input), service(input), disruptionBudget(input)];
  return documents.filter((each) => each !== null).join('---\n');
}

/** The update strategy of the Deployment. */
export function rollingUpdate(): YamlFields {
  return { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } };
}

function metadata(input: ManifestInput, name: string = input.name): YamlFields {
  return { name, namespace: input.namespace ?? undefined, labels: labelsOf(input) };
}

function configMap(input: ManifestInput): string | null {
  const { name, file } = input;
  if (file === null || file.text === null) return null;
  return writeYaml({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metadata(input, `${name}-k8s-run`),
    data: { [file.name]: file.text },
  });
}

function deployment(input: ManifestInput): string {
  const { replicas } = input;
  const onePod = 'With one pod: when its node is drained, no pod serves until the next one is ready.';
  return writeYaml({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata(input),
    spec: {
      replicas: replicas === 1 ? withComment(onePod, replicas) : replicas,
      strategy: withComment(
        'A new pod is ready before an old pod stops, so never fewer pods serve than replicas says.',
        rollingUpdate(),
      ),
      selector: { matchLabels: labelsOf(input) },
      template: { metadata: { labels: labelsOf(input) }, spec: podOf(input) },
    },
  });
}

function service(input: ManifestInput): string | null {
  const { port } = input;
  if (port === null) return null;
  const name = port.grpc ? 'grpc' : 'http';
  return writeYaml({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata(input),
    spec: {
      selector: labelsOf(input),
      ports: withComment(
        'Only the port of the app: the kubelet and scrapers reach the health port of each pod directly.',
        [
          {
            name,
            port: port.grpc ? port.number : 80,
            targetPort: name,
            appProtocol: port.grpc ? 'kubernetes.io/h2c' : undefined,
          },
        ],
      ),
    },
  });
}

function disruptionBudget(input: ManifestInput): string | null {
  // For one pod it would either block the drain of the node or have no effect.
  if (input.replicas < 2) return null;
  return writeYaml({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: metadata(input),
    spec: {
      maxUnavailable: withComment('A drain of nodes evicts one pod at a time, whatever the number of replicas.', 1),
      unhealthyPodEvictionPolicy: withComment(
        'A pod that never becomes ready must not block the drain of its node.',
        'AlwaysAllow',
      ),
      selector: { matchLabels: labelsOf(input) },
    },
  });
}
