import { OPTIONS, variableFor } from '../../config/options/table.ts';
import { type Finding, findingAt } from '../finding.ts';
import { field, itemsOf, textOf } from '../manifest-node.ts';
import type { Container, Workload } from '../workload.ts';

/** Which program a container starts, and with which options. */
export function entrypointRules({ containers, initContainers, pod }: Workload): readonly Finding[] {
  const findings = [...containers, ...initContainers].flatMap((container) => [
    ...invalidOptions(container),
    ...uselessOptions(container),
    ...assumptions(container),
  ]);
  const hasK8sRun = containers.some(({ entrypoint }) => entrypoint.kind !== 'other');
  if (hasK8sRun || containers.length === 0) return findings;
  const reason =
    'The pod was checked as one without k8s-run, because no command, variable or probe shows that k8s-run runs the app';
  return [...findings, findingAt(field(pod, 'containers'), { rule: 'no-k8s-run', reason })];
}

function invalidOptions({ name, node, entrypoint }: Container): readonly Finding[] {
  if (entrypoint.kind !== 'invalid') return [];
  const at = entrypoint.node.value === null ? field(node, 'env') : entrypoint.node;
  return entrypoint.mistakes.map((mistake) =>
    findingAt(at, { rule: 'invalid-option', reason: `${name} does not start, because k8s-run reports: ${mistake}` }),
  );
}

const VARIABLES: ReadonlySet<string> = new Set(Object.values(OPTIONS).map((option) => variableFor(option)));

/** The warnings that k8s-run itself would log. */
function uselessOptions({ node, entrypoint }: Container): readonly Finding[] {
  if (entrypoint.kind !== 'k8s-run') return [];
  const env = field(node, 'env');
  return entrypoint.warnings.map((reason) => {
    const variable = /\bK8S_RUN_\w+/.exec(reason)?.[0];
    const at = itemsOf(env).find((item) => textOf(field(item, 'name')) === variable) ?? env;
    const isUnknown = variable !== undefined && !VARIABLES.has(variable);
    return findingAt(at, { rule: isUnknown ? 'unknown-variable' : 'unused-option', reason });
  });
}

/** What the manifest does not show. */
function assumptions({ name, node, entrypoint }: Container): readonly Finding[] {
  if (entrypoint.kind !== 'k8s-run') return [];
  const { evidence, unknownValues } = entrypoint;
  const assumed = `The ENTRYPOINT of the image of ${name} was assumed to be k8s-run without options, because ${name} has no command`;
  const unknown = `${unknownValues.join(', ')} of ${name}: the defaults were assumed, because the values are not in the checked manifests`;
  return [
    ...(evidence === 'assumed' ? [findingAt(node, { rule: 'entrypoint-assumed', reason: assumed })] : []),
    ...(unknownValues.length > 0 ? [findingAt(node, { rule: 'options-not-in-manifest', reason: unknown })] : []),
  ];
}
