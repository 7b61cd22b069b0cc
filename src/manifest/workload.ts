import { IGNORE_ANNOTATION, knownAssumptions, labelsOf, selectorLabels } from './labels.ts';
import type { ManifestInput, WorkloadKind } from './manifest-input.ts';
import { metadataOf } from './metadata.ts';
import { podOf } from './pod.ts';
import { withComment, type YamlFields, type YamlValue } from './yaml-writer.ts';

/** The API of each kind, and its name there. */
export const WORKLOADS: Readonly<Record<WorkloadKind, { readonly apiVersion: string; readonly kind: string }>> = {
  deployment: { apiVersion: 'apps/v1', kind: 'Deployment' },
  statefulset: { apiVersion: 'apps/v1', kind: 'StatefulSet' },
  daemonset: { apiVersion: 'apps/v1', kind: 'DaemonSet' },
  job: { apiVersion: 'batch/v1', kind: 'Job' },
  cronjob: { apiVersion: 'batch/v1', kind: 'CronJob' },
};

/** The object that makes the pods. */
export function workloadObject(input: ManifestInput): YamlFields {
  return {
    ...WORKLOADS[input.kind],
    metadata: { ...metadataOf(input), annotations: annotationsOf(input) },
    spec: specOf(input),
  };
}

function annotationsOf(input: ManifestInput): YamlFields | undefined {
  const rules = knownAssumptions(input);
  if (rules.length === 0) return undefined;
  return {
    [IGNORE_ANNOTATION]: withComment('k8s-run check need not note what the manifest was made from.', rules.join(',')),
  };
}

function specOf(input: ManifestInput): YamlFields {
  const selector = { matchLabels: selectorLabels(input) };
  switch (input.kind) {
    case 'deployment':
      return { replicas: replicasOf(input), strategy: rollingUpdate(), selector, template: templateOf(input) };
    case 'statefulset':
      return {
        serviceName: withComment('Names each pod in DNS.', headlessName(input)),
        replicas: replicasOf(input),
        updateStrategy: { type: 'RollingUpdate' },
        selector,
        template: templateOf(input),
      };
    case 'daemonset':
      return {
        updateStrategy: withComment(
          'The new pod of a node is ready before the old one stops. A pod with a port of the node (hostPort, hostNetwork)\nneeds maxUnavailable: 1 and maxSurge: 0 instead.',
          surging(),
        ),
        selector,
        template: templateOf(input),
      };
    case 'job':
      return jobSpec(input);
    case 'cronjob':
      return cronJobSpec(input);
  }
}

/** A HorizontalPodAutoscaler alone sets the number: another one in the manifest would undo it at each apply. */
function replicasOf({ scale }: ManifestInput): YamlValue | undefined {
  if (!('replicas' in scale)) return undefined;
  const onePod = 'With one pod: when its node is drained, no pod serves until the next one is ready.';
  return scale.replicas === 1 ? withComment(onePod, 1) : scale.replicas;
}

/** The update strategy of a Deployment. */
export function rollingUpdate(): YamlValue {
  return withComment(
    'A new pod is ready before an old pod stops, so never fewer pods serve than replicas says.',
    surging(),
  );
}

function surging(): YamlFields {
  return { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } };
}

export function headlessName({ name }: ManifestInput): string {
  return `${name}-headless`;
}

function templateOf(input: ManifestInput): YamlFields {
  return { metadata: { labels: labelsOf(input) }, spec: podOf(input) };
}

/** Exit codes of k8s-run that another attempt does not change: usage, configuration, a program that is not executable or not there. */
const HOPELESS = [64, 78, 126, 127];

function jobSpec(input: ManifestInput): YamlFields {
  return {
    backoffLimit: withComment('Attempts after the first one.', 3),
    podFailurePolicy: {
      rules: [
        withComment('Another attempt changes nothing: k8s-run cannot read its options, or cannot start the app.', {
          action: 'FailJob',
          onExitCodes: { containerName: input.name, operator: 'In', values: HOPELESS },
        }),
        withComment('An eviction, such as by a drain of the node, is no failure of the app.', {
          action: 'Ignore',
          onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }],
        }),
      ],
    },
    ttlSecondsAfterFinished:
      input.kind === 'job' ? withComment('The Job and its pods are deleted after a day.', 86_400) : undefined,
    template: templateOf(input),
  };
}

function cronJobSpec(input: ManifestInput): YamlFields {
  return {
    schedule: input.schedule ?? '',
    timeZone: withComment('Of the schedule; else it is that of the controller, which nobody sees.', 'Etc/UTC'),
    concurrencyPolicy: withComment('A run that takes longer than its interval delays the next one.', 'Forbid'),
    startingDeadlineSeconds: withComment(
      'A run that could not begin for so long is left out. Without a limit, a CronJob that has missed 100 runs never\nruns again.',
      300,
    ),
    jobTemplate: { metadata: { labels: labelsOf(input) }, spec: jobSpec(input) },
  };
}
