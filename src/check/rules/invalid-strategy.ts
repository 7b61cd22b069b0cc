import type { Finding } from '../finding.ts';
import { remove, set } from '../fix/edit.ts';
import { field, isSet, type ManifestNode, numberOf, scalarOf, textOf } from '../manifest-node.ts';
import type { Workload } from '../workload.ts';
import { excludesAnother } from './exclusive-volumes.ts';
import { rejected } from './rejected.ts';
import { isZero, percentOf } from './rolling-update.ts';
import type { RuleContext } from './rule-context.ts';

/**
 * What the API server rejects of the strategy of an update: ValidateDeploymentStrategy, ValidateDaemonSetUpdateStrategy and
 * ValidateStatefulSetSpec in pkg/apis/apps/validation/validation.go, after the defaults of pkg/apis/apps/v1/defaults.go.
 */
export function invalidStrategyRules(workload: Workload, ruleContext: RuleContext): readonly Finding[] {
  // Other projects have limits of their own.
  if (workload.group !== 'apps') return [];
  return [...rollingNumbers(workload, ruleContext), ...strategyPairs(workload, ruleContext)];
}

/** Where each kind has the numbers of pods that an update adds and stops; null for kinds that have none. */
function numbersOf({ kind, spec }: Workload): ManifestNode | null {
  switch (kind) {
    case 'Deployment':
      return field(spec, 'strategy', 'rollingUpdate');
    case 'DaemonSet':
    case 'StatefulSet':
      return field(spec, 'updateStrategy', 'rollingUpdate');
    default:
      return null;
  }
}

/** ValidatePositiveIntOrPercent, and IsNotMoreThan100Percent, which maxSurge of a Deployment may be. */
function rollingNumbers(workload: Workload, ruleContext: RuleContext): readonly Finding[] {
  const rolling = numbersOf(workload);
  if (rolling === null) return [];
  return ['maxSurge', 'maxUnavailable'].flatMap((key) => {
    const node = field(rolling, key);
    const what = `${key} of ${workload.name}`;
    if (isDropped(workload, key, ruleContext)) return [];
    if ((numberOf(node) ?? 0) < 0) return [rejected(node, what, 'it is negative', { remedy: `${key}: 1` })];
    const isLimited = key === 'maxUnavailable' || workload.kind !== 'Deployment';
    if (!isLimited || (percentOf(node) ?? 0) <= 100) return [];
    return [rejected(node, what, 'it is more than 100%', { remedy: `${key}: 100% at most` })];
  });
}

/** Whether the API server drops the field unread, because it is newer than the version: newer-field says so. */
function isDropped({ kind }: Workload, key: string, { kubernetes }: RuleContext): boolean {
  return (
    (kind === 'DaemonSet' && key === 'maxSurge' && kubernetes < 22) ||
    (kind === 'StatefulSet' && (key === 'maxSurge' || kubernetes < 35))
  );
}

/** Values that exclude each other: ValidateDeploymentStrategy, ValidateRollingUpdateDaemonSet, validateRollingUpdateStatefulSet. */
function strategyPairs(workload: Workload, ruleContext: RuleContext): readonly Finding[] {
  const { kind, name, spec } = workload;
  const rolling = numbersOf(workload);
  if (rolling === null) return [];
  const type = textOf(field(spec, kind === 'Deployment' ? 'strategy' : 'updateStrategy', 'type'));
  const [surge, unavailable] = [field(rolling, 'maxSurge'), field(rolling, 'maxUnavailable')];
  if (
    isSet(rolling) &&
    ((kind === 'Deployment' && type === 'Recreate') || (kind === 'StatefulSet' && type === 'OnDelete'))
  )
    return [
      rejected(rolling, `rollingUpdate of ${name}`, `the type of the update is ${type}`, {
        remedy: 'Remove rollingUpdate',
        edits: remove(rolling),
      }),
    ];
  if (type !== null && type !== 'RollingUpdate') return [];
  switch (kind) {
    case 'Deployment':
      if (!isZero(surge) || !isZero(unavailable)) return [];
      return [
        rejected(unavailable, `maxUnavailable of ${name}`, 'it and maxSurge are 0, so no pod could be replaced', {
          ...(excludesAnother(workload, ruleContext)
            ? { remedy: 'maxUnavailable: 1' }
            : { remedy: 'maxSurge: 1', edits: set(surge, 1) }),
        }),
      ];
    case 'DaemonSet':
      return isDropped(workload, 'maxSurge', ruleContext)
        ? noneUnavailable(name, unavailable, surge)
        : daemonSetPair(name, surge, unavailable);
    default:
      return isDropped(workload, 'maxUnavailable', ruleContext) ? [] : noneUnavailable(name, unavailable);
  }
}

/** Where no pod may be added. A `dropped` maxSurge is taken out, because with maxUnavailable a newer API server rejects it. */
function noneUnavailable(name: string, unavailable: ManifestNode, dropped?: ManifestNode): readonly Finding[] {
  if (!isZero(unavailable)) return [];
  const excluded = dropped !== undefined && isSet(dropped) && !isZero(dropped) ? dropped : null;
  return [
    rejected(unavailable, `maxUnavailable of ${name}`, 'it is 0, so no pod could be replaced', {
      remedy: excluded === null ? 'maxUnavailable: 1' : 'maxUnavailable: 1, without maxSurge',
      edits: excluded?.shared ? [] : [...set(unavailable, 1), ...(excluded === null ? [] : remove(excluded))],
    }),
  ];
}

/** Exactly one of the two may be something. The default of maxUnavailable is 1, so a maxSurge alone is rejected. */
function daemonSetPair(name: string, surge: ManifestNode, unavailable: ManifestNode): readonly Finding[] {
  const surges = isNumberOfPods(surge) && !isZero(surge);
  if (surges && !isZero(unavailable) && (isNumberOfPods(unavailable) || !isSet(unavailable))) {
    const has = isSet(unavailable) ? String(scalarOf(unavailable)) : '1 by default';
    return [
      rejected(surge, `maxSurge of ${name}`, `maxUnavailable is ${has}, and one of the two must be 0`, {
        remedy: 'maxUnavailable: 0',
        edits: set(unavailable, 0),
      }),
    ];
  }
  if (surges || !isZero(unavailable) || (isSet(surge) && !isZero(surge))) return [];
  const cause = `it is 0, and maxSurge is 0 ${isSet(surge) ? 'too' : 'by default'}, so no pod could be replaced`;
  return [
    rejected(unavailable, `maxUnavailable of ${name}`, cause, {
      remedy: 'maxSurge: 1, or maxUnavailable: 1',
      edits: set(surge, 1),
    }),
  ];
}

function isNumberOfPods(node: ManifestNode): boolean {
  return numberOf(node) !== null || percentOf(node) !== null;
}
