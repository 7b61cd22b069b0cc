import { field, type ManifestNode, textOf } from './manifest-node.ts';

/** The API group of an object, without the version; empty for the core group, whose apiVersion is v1. */
export function apiGroupOf(object: ManifestNode): string {
  const apiVersion = textOf(field(object, 'apiVersion')) ?? '';
  return apiVersion.includes('/') ? apiVersion.replace(/\/[^/]*$/, '') : '';
}

/** The groups of kinds without pods that rules read. Other groups have kinds of the same name: Service of Knative, for example. */
const GROUPS: Readonly<Record<string, string>> = {
  Service: '',
  ConfigMap: '',
  PersistentVolumeClaim: '',
  PodDisruptionBudget: 'policy',
  HorizontalPodAutoscaler: 'autoscaling',
  ScaledObject: 'keda.sh',
};

/** The kind of an object without pods, if it is one that rules read; null for others. */
export function readKindOf(object: ManifestNode): string | null {
  const kind = textOf(field(object, 'kind')) ?? '';
  return Object.hasOwn(GROUPS, kind) && GROUPS[kind] === apiGroupOf(object) ? kind : null;
}

export function isReadKind(kind: string): boolean {
  return Object.hasOwn(GROUPS, kind);
}
