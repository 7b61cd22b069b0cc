import { type Finding, findingAt } from '../finding.ts';
import { set } from '../fix/edit.ts';
import { field, isSet, itemsOf, numberOf, scalarOf, textOf } from '../manifest-node.ts';
import type { Workload } from '../workload.ts';
import { RULES } from './catalog.ts';

/** Whether pods serve during an update, and what memory they may use. */
export function rolloutRules(workload: Workload): readonly Finding[] {
  return [...singleReplica(workload), ...recreate(workload), ...noSurge(workload), ...noMemoryLimit(workload)];
}

function singleReplica({ kind, spec, name }: Workload): readonly Finding[] {
  const replicas = field(spec, 'replicas');
  const given = numberOf(replicas);
  if (kind !== 'StatefulSet' || (given ?? 1) !== 1) return [];
  const unlessScaled = given === null ? ', unless something else scales it' : '';
  return [
    findingAt(isSet(replicas) ? replicas : spec, {
      rule: 'single-replica',
      reason: `${name} has one pod${unlessScaled}, which the StatefulSet stops before it starts the new one`,
    }),
  ];
}

function isRecreated({ spec }: Workload): boolean {
  return textOf(field(spec, 'strategy', 'type')) === 'Recreate';
}

function recreate(workload: Workload): readonly Finding[] {
  const { kind, spec, name } = workload;
  if (kind !== 'Deployment' || numberOf(field(spec, 'replicas')) === 0 || !isRecreated(workload)) return [];
  return [
    findingAt(field(spec, 'strategy', 'type'), {
      rule: 'no-surge',
      reason: `${name} is updated with Recreate, which stops all pods before it starts the first new one`,
      remedy: `${RULES['no-surge'].remedy}, unless two versions must never run at once`,
    }),
  ];
}

function noSurge(workload: Workload): readonly Finding[] {
  const { kind, spec, name, pod, containers } = workload;
  const given = numberOf(field(spec, 'replicas'));
  const replicas = given ?? 1;
  if (kind !== 'Deployment' || replicas === 0 || isRecreated(workload)) return [];
  const rolling = field(spec, 'strategy', 'rollingUpdate');
  const surge = surgeOf(workload);
  const unavailable = unavailableDuring(workload);
  if (surge === null || unavailable === null || unavailable < replicas) return [];
  const numbers = `maxUnavailable ${unavailable}, maxSurge ${surge}`;
  const at = isSet(rolling) ? rolling : spec;
  const isAll = textOf(field(rolling, 'maxUnavailable')) === '100%';
  if (given === null && !isAll)
    return [
      // Something else may scale it, such as an autoscaler in another manifest.
      findingAt(at, {
        rule: 'no-surge',
        severity: 'note',
        reason: `${name} does not set replicas; unless something scales it, its only pod may be unavailable during an update (${numbers})`,
      }),
    ];
  // Two pods at once need two nodes for a port of the node, and a volume that both may write to: only the user knows.
  const mayRunTwice = !(
    containers.some(({ ports }) => ports.some(({ node }) => isSet(field(node, 'hostPort')))) ||
    isSet(field(pod, 'hostNetwork')) ||
    itemsOf(field(pod, 'volumes')).some((volume) => isSet(field(volume, 'persistentVolumeClaim')))
  );
  const edits = [
    ...set(field(rolling, 'maxUnavailable'), 0),
    ...(surge === 0 ? set(field(rolling, 'maxSurge'), 1) : []),
  ];
  return [
    findingAt(at, {
      rule: 'no-surge',
      reason: `${name} has ${replicas === 1 ? '1 replica, which' : `${replicas} replicas, all of which`} may be unavailable during an update (${numbers})`,
      edits: mayRunTwice && given !== null ? edits : [],
    }),
  ];
}

/** How many pods an update of a Deployment may add; null where the manifest has no number. */
function surgeOf({ spec }: Pick<Workload, 'spec'>): number | null {
  const replicas = numberOf(field(spec, 'replicas')) ?? 1;
  const given = scalarOf(field(spec, 'strategy', 'rollingUpdate', 'maxSurge')) ?? '25%';
  return podCount(given, replicas, Math.ceil);
}

/** How many pods an update of a Deployment may stop before it has added any; null where the manifest has no number. */
export function unavailableDuring({ spec }: Pick<Workload, 'spec'>): number | null {
  const replicas = numberOf(field(spec, 'replicas')) ?? 1;
  const given = scalarOf(field(spec, 'strategy', 'rollingUpdate', 'maxUnavailable')) ?? '25%';
  const unavailable = podCount(given, replicas, Math.floor);
  // With 0 for both an update could not begin: ResolveFenceposts in k8s.io/kubernetes/pkg/controller/deployment/util.
  return unavailable === 0 && surgeOf({ spec }) === 0 ? 1 : unavailable;
}

/** A number of pods, or a percentage, rounded as the Deployment controller does. */
function podCount(value: unknown, replicas: number, round: (share: number) => number): number | null {
  if (typeof value === 'number') return value;
  const [, percent] = typeof value === 'string' ? (/^(\d+)%$/.exec(value) ?? []) : [];
  return percent === undefined ? null : round((Number(percent) * replicas) / 100);
}

function noMemoryLimit({ containers, pod }: Workload): readonly Finding[] {
  // Since Kubernetes 1.34 the pod may have a limit for all its containers.
  if (isSet(field(pod, 'resources', 'limits', 'memory'))) return [];
  return containers
    .filter(({ node }) => !isSet(field(node, 'resources', 'limits', 'memory')))
    .map(({ node, name }) => {
      const resources = field(node, 'resources');
      return findingAt(isSet(resources) ? resources : node, {
        rule: 'no-memory-limit',
        reason: `${name} has no memory limit, so a memory leak makes the node run out of memory, and other pods are killed too`,
        remedy:
          'resources: { requests: { cpu: 100m, memory: 256Mi }, limits: { memory: 256Mi } }, with numbers that you have measured',
      });
    });
}
