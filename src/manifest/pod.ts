import { containerOf } from './container.ts';
import type { ManifestInput } from './manifest-input.ts';
import { volumesOf } from './volumes.ts';
import { withComment, type YamlFields } from './yaml-writer.ts';

export function labelsOf({ name }: ManifestInput): YamlFields {
  return { 'app.kubernetes.io/name': name };
}

/** The pod spec of the Deployment. */
export function podOf(input: ManifestInput): YamlFields {
  return {
    ...podFieldsOf(input),
    topologySpreadConstraints: withComment(
      'Spread over zones and nodes, so that a failure of one takes few pods. ScheduleAnyway, because a pod on a full\nnode serves better than a pending one. pod-template-hash: pods of an old version do not count.',
      ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map((topologyKey) => ({
        maxSkew: 1,
        topologyKey,
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: { matchLabels: labelsOf(input) },
        matchLabelKeys: ['pod-template-hash'],
      })),
    ),
    containers: [containerOf(input)],
    volumes: volumesOf(input),
  };
}

/** The fields of the pod that need neither its containers nor its labels. */
export function podFieldsOf({ shutdown }: ManifestInput): YamlFields {
  return {
    terminationGracePeriodSeconds: withComment(
      `${shutdown.sum}.\nAfter this time the kubelet kills every process, k8s-run too: raise it together with the options.`,
      shutdown.seconds,
    ),
    enableServiceLinks: withComment('The app does not need the variables of every Service in the namespace.', false),
    automountServiceAccountToken: withComment('Only an app that calls the Kubernetes API needs the token.', false),
    securityContext: withComment(
      'Together with the securityContext of the container this passes the restricted Pod Security Standard. The\nimage must name a user by number (USER 1000).',
      podSecurityContext(),
    ),
  };
}

export function podSecurityContext(): YamlFields {
  return { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };
}
