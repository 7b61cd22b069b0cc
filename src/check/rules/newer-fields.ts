import { type Finding, findingAt } from '../finding.ts';
import { field, isSet, itemsOf, type ManifestNode, numberOf } from '../manifest-node.ts';
import type { Workload } from '../workload.ts';
import type { Severity } from './catalog.ts';
import type { RuleContext } from './rule-context.ts';

/** The newest minor version of Kubernetes whose fields are known here. */
export const NEWEST_KUBERNETES = 37;

/**
 * A field that is newer than some versions in use. `since`: the API server knows it, behind a feature gate. `standard`: the gate is
 * on by default; null: in no version that is known here.
 */
type NewField = {
  readonly name: string;
  readonly since: number;
  readonly standard: number | null;
  readonly gate: string;
  readonly severity: Severity;
  /** What happens where the API server does not know the field, or drops it. */
  readonly effect: string;
  readonly remedy: string;
  readonly find: (workload: Workload) => readonly ManifestNode[];
};

const inContainers =
  (...keys: readonly string[]) =>
  ({ containers, initContainers }: Workload): readonly ManifestNode[] =>
    [...containers, ...initContainers].map(({ node }) => field(node, ...keys)).filter(isSet);
const inSpec =
  (...keys: readonly string[]) =>
  ({ spec }: Workload): readonly ManifestNode[] =>
    [field(spec, ...keys)].filter(isSet);
const probes = ['livenessProbe', 'readinessProbe', 'startupProbe'];

/**
 * From pkg/features/kube_features.go, whose specs give each gate's history, as of 1.36; from the feature gates of
 * https://kubernetes.io/docs/reference/command-line-tools-reference/feature-gates/ and its page of removed ones; and for stopSignal
 * from KEP-4960, which is alpha there.
 */
const FIELDS: readonly NewField[] = [
  {
    name: 'preStop.sleep',
    since: 29,
    standard: 30,
    gate: 'PodLifecycleSleepAction',
    severity: 'error',
    effect: 'the API server rejects a preStop hook that has no other handler',
    remedy: 'preStop: { exec: { command: [sleep, "5"] } }, if the image has sleep',
    find: inContainers('lifecycle', 'preStop', 'sleep'),
  },
  {
    name: 'postStart.sleep',
    since: 29,
    standard: 30,
    gate: 'PodLifecycleSleepAction',
    severity: 'error',
    effect: 'the API server rejects a postStart hook that has no other handler',
    remedy: 'postStart: { exec: { command: [sleep, "5"] } }, if the image has sleep',
    find: inContainers('lifecycle', 'postStart', 'sleep'),
  },
  {
    name: 'preStop.sleep.seconds: 0',
    since: 32,
    standard: 33,
    gate: 'PodLifecycleSleepActionAllowZero',
    severity: 'error',
    effect: 'the API server rejects a sleep of 0 s',
    remedy: 'Remove the hook',
    find: (workload) =>
      inContainers('lifecycle', 'preStop', 'sleep', 'seconds')(workload).filter((node) => numberOf(node) === 0),
  },
  {
    name: 'restartPolicy of an init container',
    since: 28,
    standard: 29,
    gate: 'SidecarContainers',
    severity: 'error',
    effect: 'the pod waits forever for the end of an init container that is meant as a sidecar',
    remedy: 'Move it to containers',
    find: ({ containers }) =>
      containers.filter(({ sidecar }) => sidecar).map(({ node }) => field(node, 'restartPolicy')),
  },
  {
    name: 'lifecycle.stopSignal',
    since: 33,
    standard: null,
    gate: 'ContainerStopSignals',
    severity: 'warning',
    effect: 'the container gets the STOPSIGNAL of its image, or SIGTERM',
    remedy: 'Set STOPSIGNAL in the image, or --stop-signal of k8s-run',
    find: inContainers('lifecycle', 'stopSignal'),
  },
  {
    name: 'a volume of an image',
    since: 31,
    standard: 35,
    gate: 'ImageVolume',
    severity: 'error',
    effect: 'the API server drops or rejects the volume, and the pod does not have its files',
    remedy: 'Copy the files in an init container, into an emptyDir',
    find: ({ pod }) =>
      itemsOf(field(pod, 'volumes'))
        .map((volume) => field(volume, 'image'))
        .filter(isSet),
  },
  {
    name: 'resources of the pod',
    since: 32,
    standard: 34,
    gate: 'PodLevelResources',
    severity: 'warning',
    effect: 'the pod has no limits but those of its containers',
    remedy: 'Set the resources of each container',
    find: ({ pod }) => [field(pod, 'resources')].filter(isSet),
  },
  {
    name: 'resizePolicy',
    since: 27,
    standard: 33,
    gate: 'InPlacePodVerticalScaling',
    severity: 'note',
    effect: 'no container is resized in place',
    remedy: 'Remove it',
    find: inContainers('resizePolicy'),
  },
  {
    name: 'restartPolicyRules',
    since: 34,
    standard: 35,
    gate: 'ContainerRestartRules',
    severity: 'warning',
    effect: 'whether a container is restarted depends on the restartPolicy of the pod alone',
    remedy: 'Set the restartPolicy of the pod so that it is right without them',
    find: inContainers('restartPolicyRules'),
  },
  {
    name: 'a grpc probe',
    since: 23,
    standard: 24,
    gate: 'GRPCContainerProbe',
    severity: 'error',
    effect: 'the API server rejects a probe that has no other handler',
    remedy: 'exec: { command: [k8s-run, probe, …] }, or an httpGet probe of the health port',
    find: (workload) => probes.flatMap((probe) => inContainers(probe, 'grpc')(workload)),
  },
  {
    name: 'terminationGracePeriodSeconds of a probe',
    since: 21,
    standard: 25,
    gate: 'ProbeTerminationGracePeriod',
    severity: 'warning',
    effect: 'the container has the grace period of the pod',
    remedy: 'Remove it from the probe',
    find: (workload) => probes.flatMap((probe) => inContainers(probe, 'terminationGracePeriodSeconds')(workload)),
  },
  {
    name: 'podFailurePolicy',
    since: 25,
    standard: 26,
    gate: 'JobPodFailurePolicy',
    severity: 'warning',
    effect: 'each failure counts against backoffLimit',
    remedy: 'Set a backoffLimit that is right without it',
    find: ({ kind, spec, pod }) =>
      kind === 'CronJob'
        ? [field(spec, 'jobTemplate', 'spec', 'podFailurePolicy')].filter(isSet)
        : pod.path.includes('template')
          ? [field(spec, 'podFailurePolicy')].filter(isSet)
          : [],
  },
  {
    name: 'maxSurge of a DaemonSet',
    since: 21,
    standard: 22,
    gate: 'DaemonSetUpdateSurge',
    severity: 'warning',
    effect: 'an update stops the pod of a node before the new one is ready',
    remedy: 'Set maxUnavailable',
    find: (workload) =>
      workload.kind === 'DaemonSet' ? inSpec('updateStrategy', 'rollingUpdate', 'maxSurge')(workload) : [],
  },
  {
    name: 'maxUnavailable of a StatefulSet',
    since: 24,
    standard: 35,
    gate: 'MaxUnavailableStatefulSet',
    severity: 'note',
    effect: 'an update replaces one pod after the other',
    remedy: 'Remove it',
    find: (workload) =>
      workload.kind === 'StatefulSet' ? inSpec('updateStrategy', 'rollingUpdate', 'maxUnavailable')(workload) : [],
  },
  {
    name: 'minReadySeconds of a StatefulSet',
    since: 22,
    standard: 23,
    gate: 'StatefulSetMinReadySeconds',
    severity: 'note',
    effect: 'an update goes on as soon as a pod is ready',
    remedy: 'Remove it',
    find: (workload) => (workload.kind === 'StatefulSet' ? inSpec('minReadySeconds')(workload) : []),
  },
  {
    name: 'fileKeyRef',
    since: 34,
    standard: 35,
    gate: 'EnvFiles',
    severity: 'error',
    effect: 'the API server rejects a variable that has no other source',
    remedy: '--env-dir of k8s-run',
    find: ({ containers, initContainers }) =>
      [...containers, ...initContainers]
        .flatMap(({ node }) => itemsOf(field(node, 'env')))
        .map((item) => field(item, 'valueFrom', 'fileKeyRef'))
        .filter(isSet),
  },
];

/** Fields that this version of Kubernetes does not have, or has only behind a feature gate that is off by default. */
export function newerFieldRules(workload: Workload, { kubernetes }: RuleContext): readonly Finding[] {
  return FIELDS.flatMap((each) => {
    if (each.standard !== null && each.standard <= kubernetes) return [];
    return each.find(workload).map((node) => newerField(node, each, kubernetes));
  });
}

function newerField(node: ManifestNode, newField: NewField, kubernetes: number): Finding {
  const { name, since, standard, gate, severity, effect, remedy } = newField;
  const isKnown = since <= kubernetes;
  const cause = isKnown
    ? `In Kubernetes 1.${kubernetes} ${name} needs the feature gate ${gate}, which is off by default${standard === null ? '' : ` and on from 1.${standard} on`}`
    : `Kubernetes 1.${kubernetes} does not know ${name}, which came with 1.${since}`;
  return findingAt(node, {
    rule: 'newer-field',
    // Whoever uses it may have switched the gate on.
    severity: isKnown ? 'note' : severity,
    reason: `${cause}: without it ${effect}`,
    remedy: `${remedy}; if your cluster has it, say so by --kubernetes-version`,
  });
}
