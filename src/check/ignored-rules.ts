import { didYouMean } from '../config/did-you-mean.ts';
import { type Finding, findingAt } from './finding.ts';
import { field, type ManifestNode, textOf } from './manifest-node.ts';
import { podSpecOf } from './pod-templates.ts';
import { isRuleName, RULES, type RuleName } from './rules/catalog.ts';

const ANNOTATION = 'k8s-run/ignore';

/** The rules that an object wants to be left out, and a note for each name that no rule has. */
export type IgnoredRules = { readonly names: ReadonlySet<RuleName>; readonly unknown: readonly Finding[] };

/** Reads `k8s-run/ignore: rule,rule` among the annotations of an object and of the template of its pods. */
export function ignoredRulesOf(object: ManifestNode): IgnoredRules {
  const annotations = metadataOf(object).map((metadata) => field(metadata, 'annotations', ANNOTATION));
  const names = new Set<RuleName>();
  const unknown: Finding[] = [];
  for (const annotation of annotations)
    for (const name of ruleWords(textOf(annotation) ?? '')) {
      if (isRuleName(name)) names.add(name);
      else
        unknown.push(
          findingAt(annotation, {
            rule: 'unknown-ignored-rule',
            reason: `${ANNOTATION} names ${JSON.stringify(name)}, but no rule has this name`,
            remedy: `${guessOf(name, 'Write ', ', or ') || 'Correct the name, or '}remove it`,
          }),
        );
    }
  return { names, unknown };
}

/** The metadata of the object, and of each template inside of it on the way to its pods. */
function metadataOf(object: ManifestNode): readonly ManifestNode[] {
  const path = podSpecOf(object)?.path.slice(object.path.length) ?? [];
  const inner = path.flatMap((key, index) => (key === 'spec' && index > 0 ? [path.slice(0, index)] : []));
  return [[], ...inner].map((keys) => field(object, ...keys, 'metadata'));
}

/** The names in a list that is separated by commas. */
export function ruleWords(list: string): readonly string[] {
  return list.split(/[\s,]+/).filter((word) => word !== '');
}

/** The name of a rule that is near, between two texts; empty where none is near. */
export function guessOf(name: string, before: string, after: string): string {
  const guess = didYouMean(name, Object.keys(RULES));
  return guess === null ? '' : `${before}${guess}${after}`;
}
