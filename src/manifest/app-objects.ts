import { selectorLabels } from './labels.ts';
import type { ManifestInput } from './manifest-input.ts';
import { metadataOf } from './metadata.ts';
import { networkPolicy, podMonitor } from './observers.ts';
import { servicePorts } from './ports.ts';
import { headlessName, WORKLOADS, workloadObject } from './workload.ts';
import { withComment, type YamlFields } from './yaml-writer.ts';

/** The objects of an app, in the order in which kubectl should apply them. */
export function appObjects(input: ManifestInput): readonly YamlFields[] {
  return [
    serviceAccount(input),
    configMap(input),
    headlessService(input),
    workloadObject(input),
    service(input),
    autoscaler(input),
    disruptionBudget(input),
    networkPolicy(input),
    podMonitor(input),
  ].filter((each) => each !== null);
}

function serviceAccount(input: ManifestInput): YamlFields | null {
  // Each namespace has this one.
  if (input.serviceAccount === null || input.serviceAccount === 'default') return null;
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: metadataOf(input, input.serviceAccount),
    automountServiceAccountToken: withComment('A pod that needs the token says so.', false),
  };
}

function configMap(input: ManifestInput): YamlFields | null {
  const { name, file } = input;
  if (file === null || file.text === null) return null;
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metadataOf(input, `${name}-k8s-run`),
    data: { [file.name]: file.text },
  };
}

/** The Service of the clients. */
function service(input: ManifestInput): YamlFields | null {
  if (!hasService(input)) return null;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadataOf(input),
    spec: {
      selector: selectorLabels(input),
      ports: withComment(
        'Only the ports of the app: the kubelet and scrapers reach the health port of each pod directly.',
        servicePorts(input.ports),
      ),
    },
  };
}

/** Whether the app has clients that look for it by name; a Job has none. */
export function hasService({ kind, ports }: Pick<ManifestInput, 'kind' | 'ports'>): boolean {
  return ports.length > 0 && kind !== 'job' && kind !== 'cronjob';
}

function headlessService(input: ManifestInput): YamlFields | null {
  if (input.kind !== 'statefulset') return null;
  const ports = servicePorts(input.ports).map((port) => ({ ...port, port: numberOf(input, port) }));
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadataOf(input, headlessName(input)),
    spec: {
      clusterIP: withComment('A headless Service: DNS has the address of each pod, not one for all.', 'None'),
      publishNotReadyAddresses: withComment('The pods find each other while they start.', true),
      selector: selectorLabels(input),
      ports: ports.length === 0 ? undefined : ports,
    },
  };
}

/** Nothing translates a port of a headless Service. */
function numberOf({ ports }: ManifestInput, { name }: YamlFields): number | undefined {
  return ports.find((port) => port.name === name)?.number;
}

/** Percent of the CPU request, over all pods. */
const CPU_TARGET = 70;

function autoscaler(input: ManifestInput): YamlFields | null {
  const { name, scale, kind } = input;
  if ('replicas' in scale) return null;
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: metadataOf(input),
    spec: {
      scaleTargetRef: withComment(
        'It alone sets the number of pods, so the manifest of the workload has no replicas: each apply would undo its choice.',
        { ...WORKLOADS[kind], name },
      ),
      minReplicas: scale.least,
      maxReplicas: scale.most,
      metrics: withComment(
        'Of the CPU request: too low a request makes it add pods too early. It needs the metrics server.',
        [
          {
            type: 'Resource',
            resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: CPU_TARGET } },
          },
        ],
      ),
    },
  };
}

function disruptionBudget(input: ManifestInput): YamlFields | null {
  const { scale, kind } = input;
  // For one pod it would either block the drain of the node or have no effect.
  const most = 'replicas' in scale ? scale.replicas : scale.most;
  if (most < 2 || (kind !== 'deployment' && kind !== 'statefulset')) return null;
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: metadataOf(input),
    spec: {
      maxUnavailable: withComment('A drain of nodes evicts one pod at a time, whatever the number of replicas.', 1),
      unhealthyPodEvictionPolicy: withComment(
        'A pod that never becomes ready must not block the drain of its node.',
        'AlwaysAllow',
      ),
      selector: { matchLabels: selectorLabels(input) },
    },
  };
}
