import {
  type CheckedAutoscaler,
  type CheckedBudget,
  type CheckedService,
  type CheckedSet,
  EVERY,
  labelKeys,
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

const servicesOfWorkloads = new WeakMap<Workload, readonly CheckedService[]>();

/** The Services among the checked manifests that select the pods of a workload. Several rules ask for them. */
export function servicesOf(workload: Workload, ruleContext: RuleContext): readonly CheckedService[] {
  const known = servicesOfWorkloads.get(workload) ?? findServices(workload, ruleContext);
  servicesOfWorkloads.set(workload, known);
  return known;
}

function findServices(workload: Workload, { set, origin }: RuleContext): readonly CheckedService[] {
  const labels = podLabelsOf(workload);
  return nearest(origin, set.services.get(labelKeys(labels)), ({ selector }) => {
    const plain = { labels: selector, expressions: [] };
    return !isEmptySelector(plain) && selects(plain, labels);
  });
}

/** The PodDisruptionBudgets among the checked manifests that select the pods of a workload. */
export function budgetsOf(workload: Workload, { set, origin }: RuleContext): readonly CheckedBudget[] {
  const labels = podLabelsOf(workload);
  return nearest(origin, set.budgets.get([EVERY, ...labelKeys(labels)]), ({ selector }) => selects(selector, labels));
}

/** What scales a workload, among the checked manifests; null: nothing. */
export function autoscalerOf(
  { kind, name }: Pick<Workload, 'kind' | 'name'>,
  { set, origin }: RuleContext,
): CheckedAutoscaler | null {
  return nearest(origin, set.autoscalers.get([`${kind} ${name}`]), () => true)[0] ?? null;
}
