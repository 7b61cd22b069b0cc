import { field, isMap, itemsOf, keysOf, type ManifestNode, scalarOf, textOf, wordsOf } from './manifest-node.ts';

export type ObjectLabels = Readonly<Record<string, string>>;

/** A selector of labels: every label of `labels`, and every expression, must be met. */
export type Selector = { readonly labels: ObjectLabels; readonly expressions: readonly Expression[] };
type Expression = { readonly key: string; readonly operator: string; readonly values: readonly string[] };

export function readLabels(node: ManifestNode): ObjectLabels {
  return Object.fromEntries(
    keysOf(node).flatMap((key) => {
      const value = scalarOf(field(node, key));
      return value === undefined || value === null ? [] : [[key, String(value)]];
    }),
  );
}

/** A selector with matchLabels and matchExpressions; null where there is none. */
export function selectorOf(node: ManifestNode): Selector | null {
  if (!isMap(node.value)) return null;
  const expressions = itemsOf(field(node, 'matchExpressions')).map((item) => ({
    key: textOf(field(item, 'key')) ?? '',
    operator: textOf(field(item, 'operator')) ?? '',
    values: wordsOf(field(item, 'values')) ?? [],
  }));
  return { labels: readLabels(field(node, 'matchLabels')), expressions };
}

/** Whether a selector, as the API server reads it, selects a pod with these labels. */
export function selects({ labels, expressions }: Selector, pod: ObjectLabels): boolean {
  return (
    Object.keys(labels).every((key) => pod[key] === labels[key]) &&
    expressions.every((each) => isMet(each, pod[each.key]))
  );
}

function isMet({ operator, values }: Expression, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      // The API server rejects another operator, so nothing can be said of it.
      return true;
  }
}

export function isEmptySelector({ labels, expressions }: Selector): boolean {
  return Object.keys(labels).length === 0 && expressions.length === 0;
}
