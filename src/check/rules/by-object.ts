import { readKindOf } from '../api-group.ts';
import type { Finding } from '../finding.ts';
import type { ManifestNode } from '../manifest-node.ts';
import { blockingBudgetRules, missingBudgetRules } from './disruption-budgets.ts';
import { endpointRaceRules } from './endpoint-race.ts';
import { exclusiveVolumeRules } from './exclusive-volumes.ts';
import { exitCodeRules } from './exit-codes.ts';
import { invalidStrategyRules } from './invalid-strategy.ts';
import { invalidPortRules, invalidValueRules } from './invalid-values.ts';
import { mountedPathRules } from './mounted-paths.ts';
import { newerFieldRules } from './newer-fields.ts';
import { noGraceRules } from './no-grace.ts';
import { podResourceRules } from './pod-resources.ts';
import { preparationRules } from './preparation.ts';
import { probeGraceRules } from './probe-grace.ts';
import { probeValueRules } from './probe-values.ts';
import { autoscaledRules, selectorRules, serviceNameRules } from './replicas.ts';
import type { RuleContext, WorkloadRules } from './rule-context.ts';
import { serviceRules } from './services.ts';
import { sidecarRules } from './sidecars.ts';
import { stopSignalRules } from './stop-signal.ts';
import { updateStrategyRules } from './update-strategy.ts';
import { wrongTypeRules } from './wrong-types.ts';

/** Rules about a workload alone, and about what the other checked manifests say of it. */
export const WORKLOAD_RULES: readonly WorkloadRules[] = [
  noGraceRules,
  probeValueRules,
  invalidValueRules,
  invalidStrategyRules,
  probeGraceRules,
  preparationRules,
  stopSignalRules,
  sidecarRules,
  mountedPathRules,
  podResourceRules,
  exitCodeRules,
  newerFieldRules,
  updateStrategyRules,
  exclusiveVolumeRules,
  endpointRaceRules,
  missingBudgetRules,
  autoscaledRules,
  selectorRules,
  serviceNameRules,
];

/** Rules about objects without pods. */
export function otherObjectRules(node: ManifestNode, ruleContext: RuleContext): readonly Finding[] {
  const kind = readKindOf(node);
  if (kind === null) return [];
  const typed = wrongTypeRules(node);
  switch (kind) {
    case 'Service':
      return [...typed, ...invalidPortRules(node), ...serviceRules(node, ruleContext)];
    case 'PodDisruptionBudget':
      return [...typed, ...blockingBudgetRules(node, ruleContext)];
    default:
      return typed;
  }
}
