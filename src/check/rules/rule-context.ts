import {
  type CheckedAutoscaler,
  type CheckedBudget,
  type CheckedService,
  type CheckedSet,
  nearest,
  type Origin,
} from '../checked-set.ts';
import type { Finding } from '../finding.ts';
import { isEmptySelector, type ObjectLabels, readLabels, selects } from '../labels.ts';
import { field } from '../manifest-node.ts';
import type { Workload } from '../workload.ts';

/** What a rule knows beside the object that it checks. */
export type RuleContext = {
  readonly set: CheckedSet;
  readonly origin: Origin;
  /** The minor version of Kubernetes: 33 for 1.33. */
  readonly kubernetes: number;
};

export type WorkloadRules = (workload: Workload, ruleContext: RuleContext) => readonly Finding[];

export function podLabelsOf({ template }: Workload): ObjectLabels {
  return readLabels(field(template, 'metadata', 'labels'));
}

/** The Services among the checked manifests that select the pods of a workload. */
export function servicesOf(workload: Workload, { set, origin }: RuleContext): readonly CheckedService[] {
  const labels = podLabelsOf(workload);
  return nearest(origin, set.services, ({ selector }) => {
    const plain = { labels: selector, expressions: [] };
    return !isEmptySelector(plain) && selects(plain, labels);
  });
}

/** The PodDisruptionBudgets among the checked manifests that select the pods of a workload. */
export function budgetsOf(workload: Workload, { set, origin }: RuleContext): readonly CheckedBudget[] {
  const labels = podLabelsOf(workload);
  return nearest(origin, set.budgets, ({ selector }) => selects(selector, labels));
}

/** What scales a workload, among the checked manifests; null: nothing. */
export function autoscalerOf(
  { kind, name }: Pick<Workload, 'kind' | 'name'>,
  { set, origin }: RuleContext,
): CheckedAutoscaler | null {
  return nearest(origin, set.autoscalers, ({ target }) => target.kind === kind && target.name === name)[0] ?? null;
}
