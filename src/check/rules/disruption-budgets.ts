import { type CheckedWorkload, EVERY, labelKeys, nearest } from '../checked-set.ts';
import { type Finding, findingAt } from '../finding.ts';
import { selectorOf, selects } from '../labels.ts';
import { field, isSet, type ManifestNode, numberOf, scalarOf, textOf } from '../manifest-node.ts';
import type { Workload } from '../workload.ts';
import { autoscalerOf, budgetsOf, type RuleContext, servicesOf } from './rule-context.ts';

/** A PodDisruptionBudget under which no pod may be evicted, so that a drain of its node never ends. */
export function blockingBudgetRules(node: ManifestNode, ruleContext: RuleContext): readonly Finding[] {
  const spec = field(node, 'spec');
  const most = field(spec, 'maxUnavailable');
  const least = field(spec, 'minAvailable');
  const rule = 'budget-allows-nothing';
  const reasonEnd = 'so a drain of its node never ends';
  if (isSet(most) && isSet(least))
    return [
      findingAt(least, {
        rule,
        severity: 'error',
        reason: 'The API server rejects the PodDisruptionBudget, because it has minAvailable and maxUnavailable',
        remedy: 'Keep one of them: maxUnavailable: 1',
      }),
    ];
  if (/^0+%?$/.test(String(scalarOf(most) ?? '')))
    return [findingAt(most, { rule, reason: `No pod may be evicted, because maxUnavailable is 0, ${reasonEnd}` })];
  const percent = /^(\d+)%$/.exec(textOf(least) ?? '')?.[1];
  if (percent !== undefined && Number(percent) >= 100)
    return [findingAt(least, { rule, reason: `No pod may be evicted, because minAvailable is 100%, ${reasonEnd}` })];
  const selected = selectedBy(node, ruleContext);
  const pods = selected === null ? null : podsOf(selected, ruleContext);
  if (selected === null || pods === null) return [];
  const needed = percent === undefined ? numberOf(least) : Math.ceil((Number(percent) * pods.count) / 100);
  if (needed === null || needed < pods.count || pods.count === 0) return [];
  return [
    findingAt(least, {
      rule,
      reason: `No pod of ${selected.kind} ${selected.name} may be evicted, because ${needed} of its ${pods.what} must be available, ${reasonEnd}`,
    }),
  ];
}

/** The only workload whose pods the budget selects; null: none or several, whose pods count together. */
function selectedBy(node: ManifestNode, { set, origin }: RuleContext): CheckedWorkload | null {
  const selector = selectorOf(field(node, 'spec', 'selector'));
  if (selector === null) return null;
  const [found, ...others] = nearest(
    origin,
    set.workloads.get([labelKeys(selector.labels)[0] ?? EVERY]),
    ({ kind, labels }) => kind !== 'Job' && kind !== 'CronJob' && selects(selector, labels),
  );
  return found === undefined || others.length > 0 ? null : found;
}

/** The most pods that it may have; null where the manifests do not say. */
function podsOf(
  workload: CheckedWorkload,
  ruleContext: RuleContext,
): { readonly count: number; readonly what: string } | null {
  const autoscaler = autoscalerOf(workload, ruleContext);
  if (autoscaler !== null)
    return autoscaler.maxReplicas === null
      ? null
      : { count: autoscaler.maxReplicas, what: `${autoscaler.maxReplicas} pods at most` };
  const { replicas, kind } = workload;
  if (replicas === null || kind === 'DaemonSet') return null;
  return { count: replicas, what: replicas === 1 ? '1 pod' : `${replicas} pods` };
}

/** Pods behind a Service that nothing protects from being evicted all at once. */
export function missingBudgetRules(workload: Workload, ruleContext: RuleContext): readonly Finding[] {
  const { kind, name, spec } = workload;
  if (kind === 'DaemonSet' || kind === 'Pod' || !workload.servesRequests) return [];
  const replicas = field(spec, 'replicas');
  const count = autoscalerOf(workload, ruleContext)?.minReplicas ?? numberOf(replicas) ?? 1;
  if (count < 2) return [];
  const [service] = servicesOf(workload, ruleContext);
  if (service === undefined || budgetsOf(workload, ruleContext).length > 0) return [];
  return [
    findingAt(isSet(replicas) ? replicas : spec, {
      rule: 'no-disruption-budget',
      reason: `All ${count} pods of ${name} may be evicted at once, for example when several nodes are drained, because none of the checked PodDisruptionBudgets selects them`,
    }),
  ];
}
