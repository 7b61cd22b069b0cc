import { expandVariables, referencedVariables } from '../config/pod-manifest/expand.ts';
import { field, isSet, itemsOf, type ManifestNode, scalarOf, textOf } from './manifest-node.ts';
import type { ContainerReader } from './supervisor-options.ts';

/** The variables of a container, as far as the checked manifests show their values. */
export type Variables = {
  readonly variables: Readonly<Record<string, string>>;
  /** Variables of k8s-run whose value is not in the manifests, and ConfigMaps and Secrets that may hold some. */
  readonly unknownValues: readonly string[];
  /** Whether a variable may have a value that the manifests do not show. */
  readonly isElsewhere: (name: string) => boolean;
};

type ConfigMaps = ContainerReader['configMap'];
const PREFIX = 'K8S_RUN_';

export function variablesOf(container: ManifestNode, configMap: ConfigMaps): Variables {
  const { held, unread, hasUnread } = heldVariables(container, configMap);
  const variables: Record<string, string> = {};
  const unknownValues: string[] = [];
  const fromElsewhere = new Set<string>();
  for (const item of itemsOf(field(container, 'env'))) {
    const name = textOf(field(item, 'name'));
    if (name === null) continue;
    const given = scalarOf(field(item, 'value'));
    const value = given === undefined ? referencedValue(item, configMap) : given;
    const isKnown =
      value !== undefined &&
      value !== null &&
      !referencedVariables(String(value)).some((other) => fromElsewhere.has(other));
    if (isKnown) variables[name] = expandVariables(String(value), variables);
    else if (value !== undefined || isSet(field(item, 'valueFrom'))) {
      fromElsewhere.add(name);
      if (name.startsWith(PREFIX)) unknownValues.push(name);
    }
  }
  const all = { ...held, ...variables };
  return {
    variables: all,
    unknownValues: [...unknownValues, ...unread],
    isElsewhere: (name) => fromElsewhere.has(name) || (hasUnread && !Object.hasOwn(all, name)),
  };
}

/** The value of `valueFrom.configMapKeyRef`, if the ConfigMap is checked too. */
function referencedValue(item: ManifestNode, configMap: ConfigMaps): string | undefined {
  const reference = field(item, 'valueFrom', 'configMapKeyRef');
  const data = configMap(textOf(field(reference, 'name')) ?? '');
  return data?.[textOf(field(reference, 'key')) ?? ''];
}

/** The variables of `envFrom`. Its values are not expanded, and those of `env` cannot refer to them. */
function heldVariables(
  container: ManifestNode,
  configMap: ConfigMaps,
): {
  readonly held: Readonly<Record<string, string>>;
  readonly unread: readonly string[];
  readonly hasUnread: boolean;
} {
  let hasUnread = false;
  const held: Record<string, string> = {};
  const unread: string[] = [];
  for (const item of itemsOf(field(container, 'envFrom'))) {
    const prefix = textOf(field(item, 'prefix')) ?? '';
    const name = textOf(field(item, 'configMapRef', 'name'));
    const data = name === null ? null : configMap(name);
    if (data !== null) {
      for (const [key, value] of Object.entries(data)) held[`${prefix}${key}`] = value;
      continue;
    }
    hasUnread = true;
    const secret = textOf(field(item, 'secretRef', 'name'));
    const source = name === null ? `Secret ${secret ?? '(no name)'}` : `ConfigMap ${name}`;
    if (PREFIX.startsWith(prefix) || prefix.startsWith(PREFIX)) unread.push(`what envFrom takes from ${source}`);
  }
  return { held, unread, hasUnread };
}
