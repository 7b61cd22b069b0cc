import { type Finding, findingAt } from '../finding.ts';
import { set } from '../fix/edit.ts';
import { field, numberOf } from '../manifest-node.ts';
import { DEFAULT_GRACE_PERIOD, type Workload } from '../workload.ts';

/** A grace period of 0, with which the kubelet sends SIGKILL at once. For k8s-run the sum of its phases is compared. */
export function noGraceRules({ pod, containers, servesRequests }: Workload): readonly Finding[] {
  const at = field(pod, 'terminationGracePeriodSeconds');
  const isUnderK8sRun = containers.some(({ entrypoint }) => entrypoint.kind !== 'other');
  const serves = servesRequests && containers.some(({ ports }) => ports.length > 0);
  if (numberOf(at) !== 0 || isUnderK8sRun || !serves) return [];
  return [
    findingAt(at, {
      rule: 'grace-period-too-short',
      reason: 'The pod has 0 s, so its containers are killed at once, with the requests that they are serving',
      remedy: `terminationGracePeriodSeconds: ${DEFAULT_GRACE_PERIOD}, or remove it`,
      edits: set(at, DEFAULT_GRACE_PERIOD),
    }),
  ];
}
