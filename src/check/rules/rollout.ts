import { type Finding, type FindingDetails, findingAt } from '../finding.ts';
import { set } from '../fix/edit.ts';
import { field, isSet, itemsOf, type ManifestNode, numberOf, scalarOf, textOf } from '../manifest-node.ts';
import { type Container, portNumber, type Workload } from '../workload.ts';
import { RULES } from './catalog.ts';
import { clientPorts } from './client-ports.ts';
import { PROBE_FIELDS } from './probe-fields.ts';
import { autoscalerOf, type RuleContext } from './rule-context.ts';

/** Whether pods serve during an update, and what memory they may use. */
export function rolloutRules(workload: Workload, ruleContext: RuleContext): readonly Finding[] {
  const pods = podsOf(workload, ruleContext);
  return [
    ...singleReplica(workload, pods),
    ...recreate(workload, pods),
    ...noSurge(workload, pods),
    ...noMemoryLimit(workload),
  ];
}

/** How many pods a workload has at least. `isScaled`: something may give it more, so the number is not that of an update. */
type PodCount = { readonly least: number; readonly isScaled: boolean };

function podsOf(workload: Workload, ruleContext: RuleContext): PodCount {
  const given = numberOf(field(workload.spec, 'replicas'));
  const autoscaler = autoscalerOf(workload, ruleContext);
  if (autoscaler === null) return { least: given ?? 1, isScaled: given === null };
  // 0 switches an autoscaler off.
  return { least: given === 0 ? 0 : Math.max(1, given ?? 1, autoscaler.minReplicas), isScaled: true };
}

function singleReplica({ kind, spec, name }: Workload, { least }: PodCount): readonly Finding[] {
  const replicas = field(spec, 'replicas');
  if (kind !== 'StatefulSet' || least !== 1) return [];
  const unlessScaled = numberOf(replicas) === null ? ', unless something else scales it' : '';
  return [
    findingAt(isSet(replicas) ? replicas : spec, {
      rule: 'single-replica',
      reason: `${name} has one pod${unlessScaled}, which the StatefulSet stops before it starts the new one`,
    }),
  ];
}

/** Where each kind that adds pods in an update has the numbers for it. */
const ROLLING: Readonly<Record<string, string>> = { Deployment: 'rollingUpdate', DeploymentConfig: 'rollingParams' };

export function isRecreated({ spec }: Pick<Workload, 'spec'>): boolean {
  return textOf(field(spec, 'strategy', 'type')) === 'Recreate';
}

/** Whether two pods must not run at once: a volume that only one node may mount, or a port of the node. */
function excludesAnother({ pod, containers }: Workload): boolean {
  return (
    itemsOf(field(pod, 'volumes')).some((volume) => isSet(field(volume, 'persistentVolumeClaim'))) ||
    scalarOf(field(pod, 'hostNetwork')) === true ||
    containers.some(({ ports }) => ports.some(({ node }) => (numberOf(field(node, 'hostPort')) ?? 0) !== 0))
  );
}

function recreate(workload: Workload, { least }: PodCount): readonly Finding[] {
  const { kind, spec, name, servesRequests } = workload;
  if (!Object.hasOwn(ROLLING, kind) || least === 0 || !servesRequests || !isRecreated(workload)) return [];
  // Then it is the only way to update it.
  if (excludesAnother(workload)) return [];
  return [
    findingAt(field(spec, 'strategy', 'type'), {
      rule: 'no-surge',
      ...severityFor(workload),
      reason: `${name} is updated with Recreate, which stops all pods before it starts the first new one`,
      remedy: `${RULES['no-surge'].remedy}, unless two versions must never run at once`,
    }),
  ];
}

function noSurge(workload: Workload, { least, isScaled }: PodCount): readonly Finding[] {
  const { kind, spec, name } = workload;
  const key = Object.hasOwn(ROLLING, kind) ? (ROLLING[kind] ?? '') : '';
  if (key === '' || least === 0 || isRecreated(workload)) return [];
  const rolling = field(spec, 'strategy', key);
  const surge = surgeOf(rolling, least);
  const unavailable = unavailableOf(rolling, least);
  if (surge === null || unavailable === null || unavailable < least) return [];
  // The only pod must stop before the new one can start.
  const mayRunTwice = !excludesAnother(workload);
  if (least === 1 && !mayRunTwice) return [];
  const numbers = `maxUnavailable ${unavailable}, maxSurge ${surge}`;
  const at = isSet(rolling) ? rolling : spec;
  const isAll = textOf(field(rolling, 'maxUnavailable')) === '100%';
  if (isScaled && !isAll && least === 1)
    return [
      // Something else may scale it, such as an autoscaler in another manifest.
      findingAt(at, {
        rule: 'no-surge',
        severity: 'note',
        reason: `${name} ${isSet(field(spec, 'replicas')) ? 'has one pod' : 'does not set replicas'}; unless something scales it, its only pod may be unavailable during an update (${numbers})`,
      }),
    ];
  const edits = [
    ...set(field(rolling, 'maxUnavailable'), 0),
    ...(surge === 0 ? set(field(rolling, 'maxSurge'), 1) : []),
  ];
  return [
    findingAt(at, {
      rule: 'no-surge',
      ...severityFor(workload),
      reason: `${name} has ${least === 1 ? '1 replica, which' : `${least} replicas, all of which`} may be unavailable during an update (${numbers})`,
      edits: mayRunTwice && !isScaled ? edits : [],
    }),
  ];
}

/** Pods without a port get no requests that an update could lose. */
function severityFor({ containers }: Workload): Pick<FindingDetails, 'severity'> {
  return containers.some(hasOwnPort) ? {} : { severity: 'note' };
}

/** Whether the container declares a port for clients, or has a probe at one that it does not declare, that is not the health port of k8s-run. */
function hasOwnPort(container: Container): boolean {
  const { entrypoint, node, ports } = container;
  const healthPort = entrypoint.kind === 'k8s-run' ? entrypoint.options.healthPort : null;
  const probed = PROBE_FIELDS.flatMap((probe) =>
    ['httpGet', 'tcpSocket', 'grpc'].map((handler) => portNumber(field(node, probe, handler, 'port'), container)),
  );
  const undeclared = probed.filter((port) => !ports.some(({ number }) => number === port));
  return [...clientPorts(container).map(({ number }) => number), ...undeclared].some(
    (port) => port !== null && port !== healthPort,
  );
}

/** How many pods an update may add; null where the manifest has no number. */
function surgeOf(rolling: ManifestNode, replicas: number): number | null {
  return podCount(scalarOf(field(rolling, 'maxSurge')) ?? '25%', replicas, Math.ceil);
}

/** How many pods an update may stop before it has added any; null where the manifest has no number. */
function unavailableOf(rolling: ManifestNode, replicas: number): number | null {
  const unavailable = podCount(scalarOf(field(rolling, 'maxUnavailable')) ?? '25%', replicas, Math.floor);
  // With 0 for both an update could not begin: ResolveFenceposts in k8s.io/kubernetes/pkg/controller/deployment/util.
  return unavailable === 0 && surgeOf(rolling, replicas) === 0 ? 1 : unavailable;
}

/** The same for a Deployment, with the number of its replicas that the manifest gives. */
export function unavailableDuring({ spec }: Pick<Workload, 'spec'>): number | null {
  return unavailableOf(field(spec, 'strategy', 'rollingUpdate'), numberOf(field(spec, 'replicas')) ?? 1);
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
