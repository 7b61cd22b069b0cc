import { stringify } from 'yaml';
import { createChecker, type ReportedFinding } from '../../../../src/check/checker.ts';
import type { RuleName } from '../../../../src/check/rules/catalog.ts';
import { NEWEST_KUBERNETES } from '../../../../src/check/rules/newer-fields.ts';

/** Findings of one rule in these objects, in one file; the containers are read as ones without k8s-run. */
export function found(
  rule: RuleName,
  objects: readonly object[],
  kubernetes: number = NEWEST_KUBERNETES,
): ReportedFinding[] {
  const texts = objects.map((object) => stringify(object, { compat: 'yaml-1.1' }).replaceAll('PLAIN-', ''));
  const text = texts.join('---\n');
  const readOptions = (): { readonly kind: 'other' } => ({ kind: 'other' });
  const checker = createChecker({ readOptions, kubernetes, ignoredRules: new Set() });
  checker.survey('web.yaml', text);
  checker.check('web.yaml', text, { fix: false, inFolder: false });
  return checker.result().findings.filter((each) => each.rule === rule);
}

/** An object of this kind with one pod template; `spec` beside the template, `pod` and `container` in it. */
export function workload(kind: string, spec: object = {}, pod: object = {}, container: object = {}): object {
  const containers = [{ name: 'web', image: 'web:1', ...container }];
  return {
    apiVersion: kind.endsWith('Job') ? 'batch/v1' : 'apps/v1',
    kind,
    metadata: { name: 'web' },
    spec: {
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers, ...pod } },
      ...spec,
    },
  };
}

export const service = (spec: object = { selector: { app: 'web' }, ports: [{ port: 80 }] }): object => ({
  ...{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec },
});
