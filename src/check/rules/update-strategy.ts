import { type Finding, findingAt } from '../finding.ts';
import { set } from '../fix/edit.ts';
import { field, isSet, textOf } from '../manifest-node.ts';
import type { Workload } from '../workload.ts';
import { type RuleContext, servicesOf } from './rule-context.ts';

/** How a DaemonSet or a StatefulSet is updated. */
export function updateStrategyRules(workload: Workload, ruleContext: RuleContext): readonly Finding[] {
  const { kind, name, spec } = workload;
  if (kind !== 'DaemonSet' && kind !== 'StatefulSet') return [];
  const type = field(spec, 'updateStrategy', 'type');
  if (textOf(type) === 'OnDelete')
    return [
      findingAt(type, {
        rule: 'update-on-delete',
        reason: `A new version of ${name} runs only where somebody deletes a pod, because its updateStrategy is OnDelete`,
      }),
    ];
  const unavailable = field(spec, 'updateStrategy', 'rollingUpdate', 'maxUnavailable');
  if (textOf(unavailable) !== '100%') return [];
  const serves = servicesOf(workload, ruleContext).length > 0;
  const surge = field(spec, 'updateStrategy', 'rollingUpdate', 'maxSurge');
  if (isSet(surge)) return [];
  return [
    findingAt(unavailable, {
      rule: 'no-surge',
      // Without clients, as an agent of the node, it may be meant so.
      severity: serves ? 'error' : 'note',
      reason: `All pods of ${name} may be stopped at once in an update (maxUnavailable 100%)`,
      remedy: 'maxUnavailable: 1, or a small percentage',
      edits: serves ? set(unavailable, 1) : [],
    }),
  ];
}
