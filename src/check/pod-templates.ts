import { apiGroupOf } from './api-group.ts';
import { field, isMap, isSet, itemsOf, keysOf, type ManifestNode, textOf } from './manifest-node.ts';

/** Keys, one inside the other. */
type TemplatePath = readonly string[];

const TEMPLATE: TemplatePath = ['spec', 'template'];
const BUILT_IN: Readonly<Record<string, readonly TemplatePath[]>> = {
  ...{ Deployment: [TEMPLATE], ReplicaSet: [TEMPLATE], ReplicationController: [TEMPLATE] },
  ...{ StatefulSet: [TEMPLATE], DaemonSet: [TEMPLATE], Job: [TEMPLATE] },
  CronJob: [['spec', 'jobTemplate', ...TEMPLATE]],
  PodTemplate: [['template']],
  Pod: [[]],
};

/**
 * Where each kind keeps what becomes the metadata and spec of a pod, by API group: its own kinds, and those of projects that
 * many clusters have. The first path that exists counts. Other groups have kinds of the same name, which are something else.
 */
const POD_TEMPLATES: Readonly<Record<string, Readonly<Record<string, readonly TemplatePath[]>>>> = {
  // An object in the wrong one of these groups is a mistake, and meant as the kind that it names.
  ...{ '': BUILT_IN, apps: BUILT_IN, batch: BUILT_IN, extensions: BUILT_IN },
  // https://argo-rollouts.readthedocs.io/en/stable/features/specification/
  'argoproj.io': { Rollout: [TEMPLATE] },
  // https://knative.dev/docs/serving/reference/serving-api/
  'serving.knative.dev': { Service: [TEMPLATE], Configuration: [TEMPLATE], Revision: [[]] },
  // https://docs.openshift.com/container-platform/latest/rest_api/workloads_apis/deploymentconfig-apps-openshift-io-v1.html
  'apps.openshift.io': { DeploymentConfig: [TEMPLATE] },
  // https://openkruise.io/docs/
  'apps.kruise.io': {
    ...{ CloneSet: [TEMPLATE], StatefulSet: [TEMPLATE], DaemonSet: [TEMPLATE], BroadcastJob: [TEMPLATE] },
    AdvancedCronJob: ['jobTemplate', 'broadcastJobTemplate'].map((key) => [...TEMPLATE, key, ...TEMPLATE]),
    UnitedDeployment: [
      'statefulSetTemplate',
      'advancedStatefulSetTemplate',
      'cloneSetTemplate',
      'deploymentTemplate',
    ].map((key) => [...TEMPLATE, key, ...TEMPLATE]),
  },
  // https://keda.sh/docs/latest/reference/scaledjob-spec/
  'keda.sh': { ScaledJob: [['spec', 'jobTargetRef', 'template']] },
};

const KINDS: ReadonlySet<string> = new Set(Object.values(POD_TEMPLATES).flatMap((kinds) => Object.keys(kinds)));

/** Whether an object of this kind has pods in some API group, or is a List. */
export function mayHavePods(kind: string): boolean {
  return KINDS.has(kind) || kind.endsWith('List');
}

/** What becomes the metadata and spec of a pod: a template, or the pod itself; null for kinds without pods. */
export function templateOf(object: ManifestNode): ManifestNode | null {
  const kind = textOf(field(object, 'kind')) ?? '';
  const group = apiGroupOf(object);
  const kinds = Object.hasOwn(POD_TEMPLATES, group) ? (POD_TEMPLATES[group] ?? {}) : {};
  const templates = (Object.hasOwn(kinds, kind) ? (kinds[kind] ?? []) : []).map((path) => field(object, ...path));
  // A kind of another project may refer to a workload instead, as a Rollout does by workloadRef.
  return templates.find(isSet) ?? (kinds === BUILT_IN ? (templates[0] ?? null) : null);
}

/** The pod spec of an object; null for kinds without pods. */
export function podSpecOf(object: ManifestNode): ManifestNode | null {
  const template = templateOf(object);
  return template === null ? null : field(template, 'spec');
}

/** Whether an object that is not in the table has a pod template all the same. */
export function hasUnknownTemplate(object: ManifestNode): boolean {
  return templateOf(object) === null && !isBuiltIn(object) && hasTemplateIn(field(object, 'spec'), MAX_DEPTH);
}

function isBuiltIn(object: ManifestNode): boolean {
  const group = apiGroupOf(object);
  return !group.includes('.') || group.endsWith('.k8s.io');
}

/** Templates are not deeper than this in any kind; a document may be. */
const MAX_DEPTH = 8;

function hasTemplateIn(node: ManifestNode, depth: number): boolean {
  if (depth === 0 || node.shared) return false;
  const items = itemsOf(node);
  if (items.length > 0) return items.some((item) => hasTemplateIn(item, depth - 1));
  if (!isMap(node.value)) return false;
  return keysOf(node).some((key) => {
    const value = field(node, key);
    return (/template$/i.test(key) && hasContainers(value)) || hasTemplateIn(value, depth - 1);
  });
}

function hasContainers(template: ManifestNode): boolean {
  return itemsOf(field(template, 'spec', 'containers')).some((container) => isSet(field(container, 'name')));
}
