import { basename } from 'node:path';
import { isReadKind, readKindOf } from './api-group.ts';
import {
  type CheckedAutoscaler,
  type CheckedClaim,
  type CheckedService,
  type CheckedSet,
  type CheckedWorkload,
  EVERY,
  labelKeys,
  type Origin,
} from './checked-set.ts';
import type { DocumentCache } from './document-cache.ts';
import { sourceReader } from './generator-source.ts';
import { generatedBy } from './generators.ts';
import { isKustomization } from './kustomization.ts';
import { readLabels, selectorOf } from './labels.ts';
import {
  field,
  isSet,
  itemsOf,
  keysOf,
  type ManifestNode,
  numberOf,
  rootOf,
  scalarOf,
  textOf,
  wordsOf,
} from './manifest-node.ts';
import { mayHavePods, podSpecOf, templateOf } from './pod-templates.ts';
import { splitDocuments } from './split-documents.ts';

/** A List inside a List inside a List is a mistake; without a limit it could be an attack. */
const MAX_LISTS = 3;
/** In characters. A larger ConfigMap holds files, not variables. */
const MAX_CONFIG_MAP = 65_536;

/** Adds to the set what other manifests need to know of the objects in this text. A document that cannot be read adds nothing. */
export function survey(file: string, text: string, set: CheckedSet, documents: DocumentCache): void {
  for (const document of splitDocuments(text)) {
    if (isKustomization(basename(file))) addGenerated(file, document.text, set);
    if (!mayMatter(document.text)) continue;
    const parsed = documents.keep(document.text);
    if (parsed !== null && parsed.errors.length === 0) addObject(rootOf(parsed), file, set);
  }
}

/** Whether it may hold an object of a kind that others refer to, without parsing it. */
function mayMatter(text: string): boolean {
  const kinds = [...text.matchAll(/(?:^|[\s{,-])["']?kind["']?\s*:\s*["']?([A-Za-z]+)/g)].map(([, kind = '']) => kind);
  return kinds.some(
    (kind) =>
      mayHavePods(kind) ||
      (isReadKind(kind) && (kind !== 'ConfigMap' || text.length <= MAX_CONFIG_MAP || text.includes('K8S_RUN_'))),
  );
}

function addGenerated(file: string, text: string, set: CheckedSet): void {
  const { maps, unread } = generatedBy(file, text, sourceReader(file));
  for (const map of maps) set.generatedMaps.add(map, [`${map.kind} ${map.name}`]);
  for (const source of unread) set.unreadSources.add(source, [file]);
}

function addObject(node: ManifestNode, file: string, set: CheckedSet, depth = 0): void {
  const kind = textOf(field(node, 'kind')) ?? '';
  const name = textOf(field(node, 'metadata', 'name')) ?? '';
  const origin: Origin = { file, namespace: textOf(field(node, 'metadata', 'namespace')) };
  const spec = field(node, 'spec');
  if (kind.endsWith('List') && isSet(field(node, 'items'))) {
    if (depth < MAX_LISTS) for (const item of itemsOf(field(node, 'items'))) addObject(item, file, set, depth + 1);
    return;
  }
  switch (readKindOf(node)) {
    case 'Service':
      addService({ ...origin, name, ...serviceOf(spec) }, set);
      return;
    case 'PodDisruptionBudget': {
      const selector = selectorOf(field(spec, 'selector'));
      const [key = EVERY] = labelKeys(selector?.labels ?? {});
      if (selector !== null) set.budgets.add({ ...origin, name, selector }, [key]);
      return;
    }
    case 'HorizontalPodAutoscaler':
    case 'ScaledObject': {
      const autoscaler = { ...origin, kind, name, ...autoscalerOf(kind, spec) };
      set.autoscalers.add(autoscaler, [`${autoscaler.target.kind} ${autoscaler.target.name}`]);
      return;
    }
    case 'ConfigMap': {
      const data = field(node, 'data');
      const entries = keysOf(data).map((key) => [key, String(scalarOf(field(data, key)) ?? '')]);
      set.configMaps.add({ ...origin, name, data: Object.fromEntries(entries) }, [name]);
      return;
    }
    case 'PersistentVolumeClaim': {
      const mountedBy = mountedByOf(field(spec, 'accessModes'));
      if (mountedBy !== null) set.claims.add({ ...origin, name, mountedBy }, [name]);
      return;
    }
    default:
      addWorkload(node, { ...origin, kind, name }, set);
  }
}

/** A volume has every mode of its claim, so the widest one counts; null: no mode is known. */
function mountedByOf(accessModes: ManifestNode): CheckedClaim['mountedBy'] | null {
  const modes = wordsOf(accessModes) ?? [];
  if (modes.some((mode) => mode === 'ReadWriteMany' || mode === 'ReadOnlyMany')) return 'many';
  if (modes.includes('ReadWriteOnce')) return 'one node';
  return modes.includes('ReadWriteOncePod') ? 'one pod' : null;
}

function addService(service: CheckedService, set: CheckedSet): void {
  set.servicesByName.add(service, [service.name]);
  set.services.add(service, labelKeys(service.selector).slice(0, 1));
}

function serviceOf(spec: ManifestNode): Pick<CheckedService, 'selector' | 'ports' | 'headless'> {
  const ports = itemsOf(field(spec, 'ports')).map((port) => {
    const target = scalarOf(field(port, 'targetPort'));
    return {
      name: textOf(field(port, 'name')),
      target: typeof target === 'string' || typeof target === 'number' ? target : numberOf(field(port, 'port')),
      protocol: textOf(field(port, 'protocol')) ?? 'TCP',
    };
  });
  const isExternal = textOf(field(spec, 'type')) === 'ExternalName';
  return {
    selector: isExternal ? {} : readLabels(field(spec, 'selector')),
    ports,
    headless: textOf(field(spec, 'clusterIP')) === 'None',
  };
}

function autoscalerOf(
  kind: string,
  spec: ManifestNode,
): Pick<CheckedAutoscaler, 'target' | 'minReplicas' | 'maxReplicas'> {
  const target = field(spec, 'scaleTargetRef');
  const isKeda = kind === 'ScaledObject';
  return {
    target: { kind: textOf(field(target, 'kind')) ?? 'Deployment', name: textOf(field(target, 'name')) ?? '' },
    minReplicas: numberOf(field(spec, isKeda ? 'minReplicaCount' : 'minReplicas')) ?? (isKeda ? 0 : 1),
    maxReplicas: numberOf(field(spec, isKeda ? 'maxReplicaCount' : 'maxReplicas')),
  };
}

function addWorkload(
  node: ManifestNode,
  object: Pick<CheckedWorkload, 'file' | 'namespace' | 'kind' | 'name'>,
  set: CheckedSet,
): void {
  const pod = podSpecOf(node);
  const template = templateOf(node);
  if (pod === null || template === null) return;
  const containers = [...itemsOf(field(pod, 'containers')), ...itemsOf(field(pod, 'initContainers'))];
  const ports = containers.flatMap((container) => itemsOf(field(container, 'ports')));
  // A patch has no containers with an image: it says nothing of the pods.
  if (!containers.some((container) => isSet(field(container, 'image')))) return;
  const workload: CheckedWorkload = {
    ...object,
    labels: readLabels(field(template, 'metadata', 'labels')),
    replicas: numberOf(field(node, 'spec', 'replicas')),
    portNames: ports.flatMap((port) => textOf(field(port, 'name')) ?? []),
    portNumbers: ports.flatMap((port) => numberOf(field(port, 'containerPort')) ?? []),
  };
  set.workloads.add(workload, [EVERY, ...labelKeys(workload.labels)]);
  set.workloadsByFile.add(workload, [workload.file]);
}
