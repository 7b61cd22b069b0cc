import { type Finding, findingAt } from '../finding.ts';
import { set } from '../fix/edit.ts';
import { field, numberOf } from '../manifest-node.ts';
import { DEFAULT_GRACE_PERIOD, NEGATIVE_GRACE_PERIOD, type Workload } from '../workload.ts';

/**
 * A grace period of 0, with which the kubelet sends SIGKILL at once, or below it, which is 1 s. For k8s-run the sum of its phases is
 * compared.
 */
export function noGraceRules({ pod, containers, servesRequests }: Workload): readonly Finding[] {
  const at = field(pod, 'terminationGracePeriodSeconds');
  const given = numberOf(at);
  const isUnderK8sRun = containers.some(({ entrypoint }) => entrypoint.kind !== 'other');
  const serves = servesRequests && containers.some(({ ports }) => ports.length > 0);
  if (given === null || given > 0 || isUnderK8sRun || !serves) return [];
  return [
    findingAt(at, {
      rule: 'grace-period-too-short',
      severity: given === 0 ? 'error' : 'warning',
      reason:
        given === 0
          ? 'The pod has 0 s, so its containers are killed at once, with the requests that they are serving'
          : `The pod has ${NEGATIVE_GRACE_PERIOD} s, because Kubernetes takes ${given} s for that, so its containers are killed with the requests that take longer`,
      remedy: `terminationGracePeriodSeconds: ${DEFAULT_GRACE_PERIOD}, or remove it`,
      edits: set(at, DEFAULT_GRACE_PERIOD),
    }),
  ];
}
