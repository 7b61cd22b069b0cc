import { type Finding, findingAt } from '../finding.ts';
import { set } from '../fix/edit.ts';
import { field, isSet, numberOf, textOf } from '../manifest-node.ts';
import type { Workload } from '../workload.ts';
import { RULES } from './catalog.ts';
import { excludesAnother } from './exclusive-volumes.ts';
import { exposureOf } from './exposure.ts';
import { isRecreated, isZero, rollingOf, surgeOf, unavailableOf } from './rolling-update.ts';
import { autoscalerOf, type RuleContext } from './rule-context.ts';

/** Whether pods serve during an update, and what memory they may use. */
export function rolloutRules(workload: Workload, ruleContext: RuleContext): readonly Finding[] {
  const pods = podsOf(workload, ruleContext);
  return [
    ...singleReplica(workload, pods),
    ...recreate(workload, pods, ruleContext),
    ...noSurge(workload, pods, ruleContext),
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

function recreate(workload: Workload, { least }: PodCount, ruleContext: RuleContext): readonly Finding[] {
  const { spec, name, servesRequests } = workload;
  if (rollingOf(workload) === null || least === 0 || !servesRequests || !isRecreated(workload)) return [];
  const exposure = exposureOf(workload, ruleContext);
  // Then it is the only way to update it.
  if (exposure === null || excludesAnother(workload, ruleContext)) return [];
  const { severity, unlessKnown } = exposure;
  return [
    findingAt(field(spec, 'strategy', 'type'), {
      rule: 'no-surge',
      severity,
      reason: `${name} is updated with Recreate, which stops all pods before it starts the first new one${unlessKnown}`,
      remedy: `${RULES['no-surge'].remedy}, unless two versions must never run at once`,
    }),
  ];
}

function noSurge(workload: Workload, { least, isScaled }: PodCount, ruleContext: RuleContext): readonly Finding[] {
  const { spec, name } = workload;
  const rolling = rollingOf(workload);
  if (rolling === null || least === 0 || isRecreated(workload)) return [];
  // The API server rejects both.
  if (isZero(field(rolling, 'maxSurge')) && isZero(field(rolling, 'maxUnavailable'))) return [];
  const surge = surgeOf(rolling, least);
  const unavailable = unavailableOf(rolling, least);
  const exposure = exposureOf(workload, ruleContext);
  if (surge === null || unavailable === null || unavailable < least || exposure === null) return [];
  // The only pod must stop before the new one can start.
  const mayRunTwice = !excludesAnother(workload, ruleContext);
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
  const { severity, unlessKnown } = exposure;
  return [
    findingAt(at, {
      rule: 'no-surge',
      severity,
      reason: `${name} has ${least === 1 ? '1 replica, which' : `${least} replicas, all of which`} may be unavailable during an update (${numbers})${unlessKnown}`,
      edits: mayRunTwice && !isScaled ? edits : [],
    }),
  ];
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
