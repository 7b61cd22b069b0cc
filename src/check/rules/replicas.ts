import { nearest } from '../checked-set.ts';
import { type Finding, findingAt } from '../finding.ts';
import { remove } from '../fix/edit.ts';
import { isEmptySelector, selectorOf, selects } from '../labels.ts';
import { field, isSet, numberOf, textOf } from '../manifest-node.ts';
import type { Workload } from '../workload.ts';
import { autoscalerOf, podLabelsOf, type RuleContext, servicesOf } from './rule-context.ts';

/** A number of pods that is reset by each `kubectl apply`, although something else scales the workload. */
export function autoscaledRules(workload: Workload, ruleContext: RuleContext): readonly Finding[] {
  const replicas = field(workload.spec, 'replicas');
  const autoscaler = autoscalerOf(workload, ruleContext);
  const count = numberOf(replicas);
  // 0 switches a HorizontalPodAutoscaler off.
  if (autoscaler === null || count === null || count === 0) return [];
  return [
    findingAt(replicas, {
      rule: 'autoscaled-replicas',
      reason: `Each time this manifest is applied ${workload.name} gets ${count === 1 ? '1 pod' : `${count} pods`}, however many ${autoscaler.kind} ${autoscaler.name} has just found to be needed`,
      edits: remove(replicas),
    }),
  ];
}

const SELECTING: ReadonlySet<string> = new Set(['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet']);

/** A selector that does not select the pods of its own template: ValidateDeploymentSpec and its like reject it. */
export function selectorRules(workload: Workload): readonly Finding[] {
  const { kind, spec } = workload;
  const node = field(spec, 'selector');
  const selector = selectorOf(node);
  if (!SELECTING.has(kind) || selector === null) return [];
  const labels = podLabelsOf(workload);
  const isEmpty = isEmptySelector(selector);
  if (!isEmpty && selects(selector, labels)) return [];
  const missing = Object.entries(selector.labels).filter(([key, value]) => labels[key] !== value);
  const names = missing.map(([key, value]) => `${key}: ${value}`).join(', ');
  const cause = isEmpty
    ? 'its selector is empty'
    : `its template does not have the labels of its selector${names === '' ? '' : ` (${names})`}`;
  return [
    findingAt(node, {
      rule: 'selector-mismatch',
      reason: `The API server rejects ${kind} ${workload.name}, because ${cause}`,
    }),
  ];
}

/** The Service that gives each pod of a StatefulSet its name in DNS. */
export function serviceNameRules(workload: Workload, ruleContext: RuleContext): readonly Finding[] {
  const { kind, name, spec } = workload;
  if (kind !== 'StatefulSet') return [];
  const at = field(spec, 'serviceName');
  const given = textOf(at) ?? '';
  const rule = 'service-name';
  const own = servicesOf(workload, ruleContext);
  const headless = own.find((service) => service.headless);
  if (given === '')
    return [
      findingAt(isSet(at) ? at : spec, {
        rule,
        reason: `The pods of ${name} have no names in DNS, because it has no serviceName`,
        remedy:
          headless === undefined ? 'serviceName, and a headless Service of this name' : `serviceName: ${headless.name}`,
      }),
    ];
  const [service] = nearest(ruleContext.origin, ruleContext.set.servicesByName.get([given]), () => true);
  const governing = own.find((each) => each.name === given);
  if (governing !== undefined)
    return governing.headless
      ? []
      : [
          findingAt(at, {
            rule,
            reason: `The pods of ${name} have no names in DNS, because Service ${given} is not headless`,
            remedy: `clusterIP: None in Service ${given}, or a headless Service beside it`,
          }),
        ];
  if (service !== undefined)
    return [
      findingAt(at, {
        rule,
        severity: 'warning',
        reason: `The pods of ${name} have no names in DNS, because Service ${given} does not select them`,
        remedy: `Give Service ${given} the labels of the template as its selector`,
      }),
    ];
  // A Service in no checked manifest may exist all the same, unless another one is clearly meant.
  if (headless === undefined) return [];
  return [
    findingAt(at, {
      rule,
      severity: 'warning',
      reason: `The pods of ${name} have no names in DNS, because no checked Service is named ${given}; ${headless.name} selects them`,
      remedy: `serviceName: ${headless.name}`,
    }),
  ];
}
