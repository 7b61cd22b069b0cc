import { field, isThere, itemsOf, numberOf, scalarOf, textOf } from '../document.ts';
import { type Finding, find, set } from '../finding.ts';
import type { Workload } from '../workload.ts';

/** What happens when the pods are replaced, and what they may take. */
export function rolloutRules(workload: Workload): readonly Finding[] {
  return [...surge(workload), ...limits(workload)];
}

function surge(workload: Workload): readonly Finding[] {
  const { kind, spec, name, pod, containers } = workload;
  const given = numberOf(field(spec, 'replicas'));
  const replicas = given ?? 1;
  if (kind === 'StatefulSet' && replicas === 1)
    return [
      find(
        'single-replica',
        isThere(field(spec, 'replicas')) ? field(spec, 'replicas') : spec,
        `${name} is one pod${given === null ? ', unless something else scales it' : ''}, which a StatefulSet takes away before it starts the next`,
        'replicas: 2, if the app can share its work',
      ),
    ];
  if (kind !== 'Deployment' || replicas === 0) return [];
  const strategy = field(spec, 'strategy');
  const fix = 'strategy: { type: RollingUpdate, rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }';
  if (textOf(field(strategy, 'type')) === 'Recreate')
    return [
      find(
        'no-surge',
        field(strategy, 'type'),
        `${name} is updated by Recreate: every pod is gone before the first new one starts`,
        `${fix}, unless two versions must never run at once`,
      ),
    ];
  const rolling = field(strategy, 'rollingUpdate');
  const added = surgeOf(workload);
  const missing = missingIn(workload);
  if (added === null || missing === null || missing < replicas) return [];
  const reason = `${name} has ${replicas === 1 ? 'one replica' : `${replicas} replicas`}, and all of them may be missing while it is updated (maxUnavailable ${missing}, maxSurge ${added})`;
  // Two pods at once need a place each, and a volume that both may write: only a person knows.
  const single =
    containers.some(({ ports }) => ports.some(({ spot }) => isThere(field(spot, 'hostPort')))) ||
    isThere(field(pod, 'hostNetwork')) ||
    itemsOf(field(pod, 'volumes')).some((volume) => isThere(field(volume, 'persistentVolumeClaim')));
  const edits =
    single || given === null
      ? []
      : [...set(field(rolling, 'maxUnavailable'), 0), ...(added === 0 ? set(field(rolling, 'maxSurge'), 1) : [])];
  const found = find('no-surge', isThere(rolling) ? rolling : spec, reason, fix, edits);
  const all = textOf(field(rolling, 'maxUnavailable')) === '100%';
  if (given !== null || all) return [found];
  // Something else may scale it: an autoscaler, whose manifest is another.
  const unless = `${name} names no replicas; if nothing scales it, it is one, and that may be missing while it is updated (maxUnavailable ${missing}, maxSurge ${added})`;
  return [{ ...found, severity: 'note', reason: unless }];
}

/** How many pods an update of a Deployment may add; null where a word is no number. */
function surgeOf({ spec }: Pick<Workload, 'spec'>): number | null {
  const replicas = numberOf(field(spec, 'replicas')) ?? 1;
  return amount(scalarOf(field(spec, 'strategy', 'rollingUpdate', 'maxSurge')) ?? '25%', replicas, Math.ceil);
}

/** How many pods an update of a Deployment may take away before it has added any; null where a word is no number. */
export function missingIn({ spec }: Pick<Workload, 'spec'>): number | null {
  const replicas = numberOf(field(spec, 'replicas')) ?? 1;
  const given = scalarOf(field(spec, 'strategy', 'rollingUpdate', 'maxUnavailable')) ?? '25%';
  const missing = amount(given, replicas, Math.floor);
  // Else nothing could ever move: ResolveFenceposts in k8s.io/kubernetes/pkg/controller/deployment/util.
  return missing === 0 && surgeOf({ spec }) === 0 ? 1 : missing;
}

/** A number of pods, or a share of them, rounded as the Deployment controller does. */
function amount(value: unknown, replicas: number, round: (share: number) => number): number | null {
  if (typeof value === 'number') return value;
  const [, percent] = typeof value === 'string' ? (/^(\d+)%$/.exec(value) ?? []) : [];
  return percent === undefined ? null : round((Number(percent) * replicas) / 100);
}

function limits({ containers, pod }: Workload): readonly Finding[] {
  // Since 1.34 a pod may have them as a whole.
  if (isThere(field(pod, 'resources', 'limits', 'memory'))) return [];
  return containers
    .filter(({ spot }) => !isThere(field(spot, 'resources', 'limits', 'memory')))
    .map(({ spot, name }) => {
      const resources = field(spot, 'resources');
      const reason = `${name} has no memory limit: when it leaks, the node runs out of memory, and its neighbours are killed too`;
      return find(
        'no-memory-limit',
        isThere(resources) ? resources : spot,
        reason,
        'resources: { requests: { cpu: 100m, memory: 256Mi }, limits: { memory: 256Mi } }, with numbers that you have measured',
      );
    });
}
