import { expandVariables, referencedVariables } from '../config/pod-manifest/expand.ts';
import type { HeldData } from './held-data.ts';
import { field, isSet, itemsOf, type ManifestNode, scalarOf, textOf } from './manifest-node.ts';
import type { ContainerReader } from './supervisor-options.ts';

/** The variables of a container, as far as the checked manifests show their values. */
export type Variables = {
  readonly variables: Readonly<Record<string, string>>;
  /** Variables of k8s-run whose value is not in the manifests, and ConfigMaps and Secrets that may hold some. */
  readonly unknownValues: readonly string[];
  /** Whether a variable may have a value that the manifests do not show. */
  readonly isElsewhere: (name: string) => boolean;
  /** Values that no report may show. */
  readonly secrets: readonly string[];
};

type HeldDataOf = ContainerReader['heldData'];
const PREFIX = 'K8S_RUN_';

export function variablesOf(container: ManifestNode, heldData: HeldDataOf): Variables {
  const { held, unread, hasUnread, hidden, secrets } = heldVariables(container, heldData);
  const variables: Record<string, string> = {};
  const unknownValues: string[] = [];
  const secretValues = [...secrets];
  const fromElsewhere = new Set<string>(hidden);
  for (const item of itemsOf(field(container, 'env'))) {
    const name = textOf(field(item, 'name'));
    if (name === null) continue;
    const given = scalarOf(field(item, 'value'));
    const referenced = given === undefined ? referencedValue(item, name, heldData) : null;
    const value = given === undefined ? referenced?.value : given;
    if (referenced?.isSecret === true) secretValues.push(referenced.value);
    const isKnown =
      value !== undefined &&
      value !== null &&
      !referencedVariables(String(value)).some((other) => fromElsewhere.has(other));
    if (isKnown) {
      variables[name] = expandVariables(String(value), variables);
      fromElsewhere.delete(name);
    } else if (value !== undefined || isSet(field(item, 'valueFrom'))) {
      fromElsewhere.add(name);
      if (name.startsWith(PREFIX)) unknownValues.push(name);
    }
  }
  const all = { ...held, ...variables };
  return {
    variables: all,
    unknownValues: [...unknownValues, ...unread],
    isElsewhere: (name) => fromElsewhere.has(name) || (hasUnread && !Object.hasOwn(all, name)),
    secrets: secretValues,
  };
}

/** The value of `valueFrom`, if the ConfigMap or Secret is checked too. Of Secrets only the options of k8s-run are taken. */
function referencedValue(
  item: ManifestNode,
  name: string,
  heldData: HeldDataOf,
): { readonly value: string; readonly isSecret: boolean } | null {
  const valueFrom = field(item, 'valueFrom');
  const isSecret = isSet(field(valueFrom, 'secretKeyRef'));
  if (isSecret && !name.startsWith(PREFIX)) return null;
  const reference = field(valueFrom, isSecret ? 'secretKeyRef' : 'configMapKeyRef');
  const held = heldData(isSecret ? 'Secret' : 'ConfigMap', textOf(field(reference, 'name')) ?? '');
  const value = held?.data[textOf(field(reference, 'key')) ?? ''];
  return value === undefined ? null : { value, isSecret };
}

type HeldVariables = {
  readonly held: Readonly<Record<string, string>>;
  readonly unread: readonly string[];
  readonly hasUnread: boolean;
  /** Variables with the values of Secrets that are no options of k8s-run. */
  readonly hidden: readonly string[];
  readonly secrets: readonly string[];
};

/** The variables of `envFrom`. Its values are not expanded, and those of `env` cannot refer to them. */
function heldVariables(container: ManifestNode, heldData: HeldDataOf): HeldVariables {
  let hasUnread = false;
  const held: Record<string, string> = {};
  const unread: string[] = [];
  const hidden = new Set<string>();
  const secrets: string[] = [];
  for (const item of itemsOf(field(container, 'envFrom'))) {
    const prefix = textOf(field(item, 'prefix')) ?? '';
    const configMap = textOf(field(item, 'configMapRef', 'name'));
    const kind = configMap === null ? 'Secret' : 'ConfigMap';
    const name = configMap ?? textOf(field(item, 'secretRef', 'name'));
    const found: HeldData | null = name === null ? null : heldData(kind, name);
    for (const [key, value] of Object.entries(found?.data ?? {})) {
      const variable = `${prefix}${key}`;
      const isHidden = kind === 'Secret' && !variable.startsWith(PREFIX);
      if (isHidden) hidden.add(variable);
      else {
        held[variable] = value;
        hidden.delete(variable);
        if (kind === 'Secret') secrets.push(value);
      }
    }
    if (found?.isComplete === true) continue;
    hasUnread = true;
    const source = `${kind} ${name ?? '(no name)'}`;
    if (PREFIX.startsWith(prefix) || prefix.startsWith(PREFIX)) unread.push(`what envFrom takes from ${source}`);
  }
  return { held, unread, hasUnread, hidden: [...hidden], secrets };
}
