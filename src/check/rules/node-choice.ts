import { field, isSet, itemsOf, keysOf, type ManifestNode, scalarOf, textOf, wordsOf } from '../manifest-node.ts';

/** The nodes that a pod may run on: for each label of a node the values that it may have; null where the manifest has more than that. */
export type NodeChoice = ReadonlyMap<string, ReadonlySet<string>> | null;

/** The label that a node has with its name. */
const HOSTNAME = 'kubernetes.io/hostname';

export function nodeChoiceOf(pod: ManifestNode): NodeChoice {
  const selector = field(pod, 'nodeSelector');
  const choice = new Map<string, ReadonlySet<string>>(
    keysOf(selector).map((key) => [key, new Set([String(scalarOf(field(selector, key)))])]),
  );
  const nodeName = textOf(field(pod, 'nodeName'));
  if (nodeName !== null) choice.set(HOSTNAME, new Set([nodeName]));
  const required = field(pod, 'affinity', 'nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution');
  if (!isSet(required)) return choice;
  const [term, ...others] = itemsOf(field(required, 'nodeSelectorTerms'));
  if (term === undefined || others.length > 0 || isSet(field(term, 'matchFields'))) return null;
  for (const expression of itemsOf(field(term, 'matchExpressions'))) {
    const key = textOf(field(expression, 'key')) ?? '';
    if (textOf(field(expression, 'operator')) !== 'In') return null;
    const values = new Set(wordsOf(field(expression, 'values')) ?? []);
    choice.set(key, choice.get(key)?.intersection(values) ?? values);
  }
  return choice;
}

/** Whether two pods surely may run on one node; false also where that is not known. */
export function mayShareNode(a: NodeChoice, b: NodeChoice): boolean {
  if (a === null || b === null) return false;
  return [...a].every(([key, values]) => {
    const others = b.get(key);
    return others === undefined || !others.isDisjointFrom(values);
  });
}

/** Whether the pods run on one node at most. */
export function isOneNode(choice: NodeChoice): boolean {
  return choice?.get(HOSTNAME)?.size === 1;
}
