import { type Finding, findingAt } from '../finding.ts';
import { field, isSet, itemsOf, type ManifestNode, textOf } from '../manifest-node.ts';
import type { Container, Workload } from '../workload.ts';

/** Limits that several containers share, or that change while they run, and what `--resource-env` makes of them. */
export function podResourceRules(workload: Workload): readonly Finding[] {
  return [...sharedLimits(workload), ...workload.containers.flatMap((container) => resizes(workload, container))];
}

function sizesItself({ entrypoint }: Container): boolean {
  return entrypoint.kind === 'k8s-run' && entrypoint.options.resourceEnv;
}

function actsOnResize({ entrypoint }: Container): boolean {
  return entrypoint.kind === 'k8s-run' && entrypoint.options.actsOnResize;
}

/** A container without a limit of its own has that of the pod in its control group: getMemoryLimit in pkg/kubelet/kuberuntime. */
function sharedLimits({ pod, containers }: Workload): readonly Finding[] {
  const limits = field(pod, 'resources', 'limits');
  return ['memory', 'cpu'].flatMap((resource) => {
    const limit = field(limits, resource);
    const sharing = containers.filter(
      (container) => sizesItself(container) && !isSet(field(container.node, 'resources', 'limits', resource)),
    );
    if (!isSet(limit) || sharing.length < 2) return [];
    const names = sharing.map(({ name }) => name);
    return [
      findingAt(limit, {
        rule: 'shared-pod-limit',
        reason: `${names.slice(0, -1).join(', ')} and ${names.at(-1)} each size themselves for the whole ${resource} limit of the pod, because --resource-env sees no limit of their own`,
        remedy: `Set resources.limits.${resource} of each of them`,
      }),
    ];
  });
}

function resizes({ pod }: Workload, container: Container): readonly Finding[] {
  const { node, name } = container;
  return itemsOf(field(node, 'resizePolicy')).flatMap((item): readonly Finding[] => {
    const policy = field(item, 'restartPolicy');
    const resource = textOf(field(item, 'resourceName')) ?? '';
    switch (textOf(policy)) {
      case 'RestartContainer':
        return restartsNever(pod, node)
          ? [
              findingAt(policy, {
                rule: 'resize-policy',
                severity: 'error',
                reason: `The API server rejects the resizePolicy of ${name}, because a pod with restartPolicy Never cannot restart a container`,
                remedy: 'restartPolicy: NotRequired in resizePolicy',
              }),
            ]
          : [];
      case 'NotRequired':
        // More processors than the app knows of harm nobody; with less memory than it counts on it is killed.
        return resource === 'memory' && sizesItself(container) && !actsOnResize(container)
          ? [
              findingAt(policy, {
                rule: 'resize-policy',
                reason: `${name} keeps the variables of its old memory limit when the limit changes, because --resource-env sets them only when the app starts`,
                remedy: 'restartPolicy: RestartContainer for memory in resizePolicy, or --on-resize restart',
              }),
            ]
          : [];
      default:
        return [];
    }
  });
}

function restartsNever(pod: ManifestNode, container: ManifestNode): boolean {
  return textOf(field(pod, 'restartPolicy')) === 'Never' && !isSet(field(container, 'restartPolicy'));
}
