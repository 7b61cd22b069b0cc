import { type Finding, type FindingDetails, findingAt } from '../finding.ts';
import { type EditValue, set } from '../fix/edit.ts';
import { field, isSet } from '../manifest-node.ts';
import type { Container, Workload } from '../workload.ts';
import { clientPorts } from './client-ports.ts';
import { onlyWaits } from './shell-entrypoint.ts';

/** Whether requests are sent only to a pod that can serve them. */
export function readinessRules(workload: Workload): readonly Finding[] {
  return workload.containers.flatMap((container) => noReadinessProbe(workload, container));
}

/** Kinds whose pods nothing replaces one by one. */
const WITHOUT_ROLLOUT: ReadonlySet<string> = new Set(['Pod', 'ReplicaSet', 'ReplicationController']);

function noReadinessProbe(workload: Workload, container: Container): readonly Finding[] {
  const { node, name, entrypoint, sidecar } = container;
  const ports = clientPorts(container);
  const readiness = field(node, 'readinessProbe');
  if (!workload.servesRequests || workload.isProbedByDefault || sidecar || isSet(readiness)) return [];
  // A container without ports may listen all the same, but most are workers, which get no requests.
  const severity: Pick<FindingDetails, 'severity'> = ports.length > 0 ? {} : { severity: 'note' };
  const rule = 'no-readiness-probe';
  if (entrypoint.kind !== 'k8s-run') {
    if ((ports.length === 0 && workload.containers.length > 1) || onlyWaits(container)) return [];
    const effects = [
      ...(ports.length > 0 ? ['it gets requests as soon as it runs'] : []),
      ...(WITHOUT_ROLLOUT.has(workload.kind) ? [] : ['a rollout continues even if it does not work']),
    ];
    if (effects.length === 0) return [];
    const reason = `${name} has no readinessProbe, so ${effects.join(', and ')}`;
    const remedy = 'Add a readinessProbe; if k8s-run runs the app, the app needs no endpoint for it';
    return [findingAt(node, { rule, reason, remedy, ...severity })];
  }
  const { healthPort, loopbackOnly, alwaysReady } = entrypoint.options;
  if (alwaysReady && ports.length === 0) return [];
  const port = healthPort ?? 20_080;
  const probe: EditValue = {
    httpGet: { path: '/readyz', port },
    periodSeconds: 2,
    timeoutSeconds: 2,
    failureThreshold: 1,
  };
  return [
    findingAt(node, {
      rule,
      reason: `${name} has no readinessProbe, so it gets requests before the app can serve them, and nothing sees readiness fail during the shutdown delay`,
      remedy: `readinessProbe: { httpGet: { path: /readyz, port: ${port} }, periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 1 }`,
      edits: healthPort !== null && !loopbackOnly ? set(readiness, probe) : [],
      ...severity,
    }),
  ];
}
