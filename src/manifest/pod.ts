import { containerOf, isJob } from './container.ts';
import { selectorLabels } from './labels.ts';
import type { ManifestInput } from './manifest-input.ts';
import { volumesOf } from './volumes.ts';
import { withComment, type YamlFields, type YamlValue } from './yaml-writer.ts';

/** The pod spec of the workload. */
export function podOf(input: ManifestInput): YamlFields {
  return {
    ...podFieldsOf(input),
    ...accountFields(input),
    restartPolicy: isJob(input.kind)
      ? withComment('A new pod for each attempt, so that the log of a failed one stays.', 'Never')
      : undefined,
    topologySpreadConstraints: spreadOf(input),
    containers: [containerOf(input)],
    volumes: volumesOf(input),
  };
}

function accountFields({ serviceAccount, imagePullSecrets }: ManifestInput): YamlFields {
  return {
    serviceAccountName: serviceAccount ?? undefined,
    imagePullSecrets: imagePullSecrets.length === 0 ? undefined : imagePullSecrets.map((name) => ({ name })),
  };
}

function spreadOf(input: ManifestInput): YamlValue | undefined {
  const isDeployment = input.kind === 'deployment';
  if (!isDeployment && input.kind !== 'statefulset') return undefined;
  const ofOneVersion = ' pod-template-hash: pods of an old version do not count.';
  return withComment(
    `Spread over zones and nodes, so that a failure of one takes few pods. ScheduleAnyway, because a pod on a full\nnode serves better than a pending one.${isDeployment ? ofOneVersion : ''}`,
    ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map((topologyKey) => ({
      maxSkew: 1,
      topologyKey,
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: { matchLabels: selectorLabels(input) },
      matchLabelKeys: isDeployment ? ['pod-template-hash'] : undefined,
    })),
  );
}

/** The fields of the pod that need neither its containers nor its labels. */
function podFieldsOf({ shutdown }: ManifestInput): YamlFields {
  return {
    terminationGracePeriodSeconds: withComment(gracePeriodComment(shutdown.sum), shutdown.seconds),
    enableServiceLinks: withComment('The app does not need the variables of every Service in the namespace.', false),
    automountServiceAccountToken: withComment('Only an app that calls the Kubernetes API needs the token.', false),
    securityContext: withComment(
      'Together with the securityContext of the container this passes the restricted Pod Security Standard. The\nimage must name a user by number (USER 1000).',
      podSecurityContext(),
    ),
  };
}

export function gracePeriodComment(sum: string): string {
  return `${sum}.\nAfter this time the kubelet kills every process, k8s-run too: raise it together with the options.`;
}

export function podSecurityContext(): YamlFields {
  return { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };
}
