import { type Finding, findingAt } from '../finding.ts';
import { isSet } from '../manifest-node.ts';
import { type Container, gracePeriodOf, type Workload } from '../workload.ts';
import { preStopSleep } from './pre-stop.ts';

/**
 * Native sidecars are stopped one after the other, the last one first, and only after the other containers have ended:
 * https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/. All of it must fit into the pod's grace period.
 */
export function sidecarRules(workload: Workload): readonly Finding[] {
  const { containers, pod } = workload;
  const sidecars = containers.filter(({ sidecar }) => sidecar);
  const times = sidecars.map((container) => ({ container, time: shutdownTime(container) }));
  const apps = Math.max(0, ...containers.filter(({ sidecar }) => !sidecar).map((each) => shutdownTime(each) ?? 0));
  const period = gracePeriodOf(workload);
  const sum = times.reduce((total, { time }) => total + (time ?? 0), apps);
  const slow = times.filter(({ time }) => (time ?? 0) > 0);
  const [first] = slow;
  // If one of them alone takes too long, the rule grace-period-too-short reports it.
  const alone = Math.max(apps, ...slow.map(({ time }) => time ?? 0));
  const given = workload.gracePeriod;
  return [
    ...(first !== undefined && apps > 0 && sum > period && alone <= period
      ? [
          findingAt(isSet(given) ? given : pod, {
            rule: 'sidecar-grace-period',
            reason: `The pod has ${period} s, but its containers may take ${apps} s, and after them its sidecars ${sum - apps} s, so the kubelet kills ${first.container.name} before its shutdown ends`,
            remedy: `${given.path.at(-1)}: ${Math.ceil(sum) + 1}, or shorten the shutdown of the sidecar`,
          }),
        ]
      : []),
    ...sidecars.flatMap(uselessDelay),
  ];
}

/** In seconds; null where the manifest does not show it. */
function shutdownTime(container: Container): number | null {
  const { entrypoint } = container;
  const sleep = preStopSleep(container);
  if (entrypoint.kind !== 'k8s-run') return sleep;
  const { phases, reserve, terminationGracePeriod, stopsOnSignal } = entrypoint.options;
  if (!stopsOnSignal) return sleep;
  return (sleep ?? 0) + (terminationGracePeriod ?? phases.reduce((sum, [, ms]) => sum + ms, reserve)) / 1_000;
}

function uselessDelay({ node, name, entrypoint }: Container): readonly Finding[] {
  if (entrypoint.kind !== 'k8s-run' || !entrypoint.options.stopsOnSignal) return [];
  const { shutdownDelay } = entrypoint.options;
  if (shutdownDelay === 0) return [];
  return [
    findingAt(node, {
      rule: 'sidecar-delay',
      reason: `The shutdown delay of ${name} (${shutdownDelay / 1_000} s) serves nobody, because a native sidecar is stopped only after the other containers have ended`,
      remedy: `--shutdown-delay 0 for ${name}`,
    }),
  ];
}
