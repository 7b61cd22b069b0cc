import { because, type Fields, write } from './document.ts';
import { labelsOf, podOf } from './pod.ts';
import type { Wanted } from './wanted.ts';

/** The manifests of an app, in the order in which kubectl should apply them. */
export function manifests(wanted: Wanted): string {
  const documents = [configMap(wanted), deployment(wanted), service(wanted), disruptionBudget(wanted)];
  return documents.filter((each) => each !== null).join('---\n');
}

function metadata(wanted: Wanted, name: string = wanted.name): Fields {
  return { name, namespace: wanted.namespace ?? undefined, labels: labelsOf(wanted) };
}

function configMap(wanted: Wanted): string | null {
  const { name, file } = wanted;
  if (file === null || file.text === null) return null;
  return write({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metadata(wanted, `${name}-k8s-run`),
    data: { [file.name]: file.text },
  });
}

function deployment(wanted: Wanted): string {
  const { replicas } = wanted;
  const alone = 'One pod: when its node is drained, nothing serves until the next one is ready.';
  return write({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata(wanted),
    spec: {
      replicas: replicas === 1 ? because(alone, replicas) : replicas,
      strategy: because('A new pod is ready before an old one leaves, so never fewer than the wanted count serve.', {
        type: 'RollingUpdate',
        rollingUpdate: { maxUnavailable: 0, maxSurge: 1 },
      }),
      selector: { matchLabels: labelsOf(wanted) },
      template: { metadata: { labels: labelsOf(wanted) }, spec: podOf(wanted) },
    },
  });
}

function service(wanted: Wanted): string | null {
  const { port } = wanted;
  if (port === null) return null;
  const name = port.grpc ? 'grpc' : 'http';
  return write({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata(wanted),
    spec: {
      selector: labelsOf(wanted),
      ports: because('Only the app: the health port is for the kubelet and for scrapers, which ask pods.', [
        {
          name,
          port: port.grpc ? port.number : 80,
          targetPort: name,
          appProtocol: port.grpc ? 'kubernetes.io/h2c' : undefined,
        },
      ]),
    },
  });
}

function disruptionBudget(wanted: Wanted): string | null {
  // With one pod it would either forbid to drain its node, or nothing at all.
  if (wanted.replicas < 2) return null;
  return write({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: metadata(wanted),
    spec: {
      maxUnavailable: because('Nodes are drained one pod at a time, however many replicas there are.', 1),
      unhealthyPodEvictionPolicy: because(
        'A pod that never gets ready must not hold up the drain of its node.',
        'AlwaysAllow',
      ),
      selector: { matchLabels: labelsOf(wanted) },
    },
  });
}
