import { field, isThere } from '../document.ts';
import { type Edited, type Finding, find, set } from '../finding.ts';
import type { Container, Workload } from '../workload.ts';

/** Whether anybody knows when a pod can serve. */
export function readinessRules(workload: Workload): readonly Finding[] {
  return workload.containers.flatMap((container) => missingReadiness(workload, container));
}

function missingReadiness(workload: Workload, container: Container): readonly Finding[] {
  const { spot, name, supervisor, ports, sidecar } = container;
  if (!workload.serves || sidecar || isThere(field(spot, 'readinessProbe'))) return [];
  // Who names no port may have one all the same; most are workers, and agents on every node.
  const mild =
    ports.length > 0 ? {} : { severity: workload.kind === 'DaemonSet' ? ('note' as const) : ('warning' as const) };
  if (supervisor.kind !== 'k8s-run') {
    if (ports.length === 0 && workload.containers.length > 1) return [];
    const found = find(
      'no-readiness-probe',
      spot,
      `${name} has no readinessProbe: requests are sent to it as soon as it runs, and a rollout goes on whether it works or not`,
      'Add a readinessProbe; with k8s-run as PID 1 the app needs no endpoint for it',
    );
    return [{ ...found, ...mild }];
  }
  const { healthPort, loopback, worker } = supervisor.options;
  if (worker && ports.length === 0) return [];
  const reason = `${name} has no readinessProbe: the pause and the answers of k8s-run are seen by nobody, and requests come before the app can serve`;
  const probe: Edited = {
    httpGet: { path: '/readyz', port: healthPort ?? 20_080 },
    periodSeconds: 2,
    failureThreshold: 1,
  };
  const safe = healthPort !== null && !loopback;
  const found = find(
    'no-readiness-probe',
    spot,
    reason,
    `readinessProbe: { httpGet: { path: /readyz, port: ${healthPort ?? 20_080} }, periodSeconds: 2, failureThreshold: 1 }`,
    safe ? set(field(spot, 'readinessProbe'), probe) : [],
  );
  return [{ ...found, ...mild }];
}
