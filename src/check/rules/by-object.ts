import { readKindOf } from '../api-group.ts';
import type { Finding } from '../finding.ts';
import type { ManifestNode } from '../manifest-node.ts';
import { blockingBudgetRules, missingBudgetRules } from './disruption-budgets.ts';
import { endpointRaceRules } from './endpoint-race.ts';
import { exitCodeRules } from './exit-codes.ts';
import { mountedPathRules } from './mounted-paths.ts';
import { newerFieldRules } from './newer-fields.ts';
import { noGraceRules } from './no-grace.ts';
import { podResourceRules } from './pod-resources.ts';
import { preparationRules } from './preparation.ts';
import { probeGraceRules } from './probe-grace.ts';
import { probeValueRules } from './probe-values.ts';
import { quotedNumberRules } from './quoted-numbers.ts';
import { autoscaledRules, selectorRules, serviceNameRules } from './replicas.ts';
import type { RuleContext, WorkloadRules } from './rule-context.ts';
import { serviceRules } from './services.ts';
import { sidecarRules } from './sidecars.ts';
import { stopSignalRules } from './stop-signal.ts';
import { updateStrategyRules } from './update-strategy.ts';

/** Rules about a workload alone, and about what the other checked manifests say of it. */
export const WORKLOAD_RULES: readonly WorkloadRules[] = [
  noGraceRules,
  probeValueRules,
  quotedNumberRules,
  probeGraceRules,
  preparationRules,
  stopSignalRules,
  sidecarRules,
  mountedPathRules,
  podResourceRules,
  exitCodeRules,
  newerFieldRules,
  updateStrategyRules,
  endpointRaceRules,
  missingBudgetRules,
  autoscaledRules,
  selectorRules,
  serviceNameRules,
];

/** Rules about objects without pods. */
export function otherObjectRules(node: ManifestNode, ruleContext: RuleContext): readonly Finding[] {
  switch (readKindOf(node)) {
    case 'Service':
      return serviceRules(node, ruleContext);
    case 'PodDisruptionBudget':
      return blockingBudgetRules(node, ruleContext);
    default:
      return [];
  }
}
