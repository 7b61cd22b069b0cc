import { apiGroupOf } from '../api-group.ts';
import { field, itemsOf, keysOf, type ManifestNode, textOf } from '../manifest-node.ts';
import { podSpecOf, templateOf } from '../pod-templates.ts';
import { PROBE_FIELDS } from './probe-fields.ts';

/**
 * What the API server takes in a field, by the Go types of k8s.io/api: int32 and int64, bool, string, slices, structs and maps, and
 * IntOrString, which is a port (IsValidPortName wants a letter in a name) or a number of pods (ValidatePositiveIntOrPercent).
 */
export type FieldType =
  | 'whole number'
  | 'number or name of a port'
  | 'whole number or percentage'
  | 'boolean'
  | 'string'
  | 'list'
  | 'map';

/** A field that is set or not. `name`: where it is, as the API server writes it; `of`: whose it is, empty for that of the object. */
export type TypedField = {
  readonly node: ManifestNode;
  readonly name: string;
  readonly of: string;
  readonly type: FieldType;
};

/** `[]` after a key: each item of the list; `{}`: each value of the map. */
type FieldRow = readonly [path: string, type: FieldType];
type FieldHolder = { readonly at: ManifestNode; readonly of: string; readonly rows: readonly FieldRow[] };

const all = (type: FieldType, ...paths: readonly string[]): readonly FieldRow[] => paths.map((path) => [path, type]);
const stringsIn = (...paths: readonly string[]): readonly FieldRow[] =>
  paths.flatMap((path): readonly FieldRow[] => [...all('list', path), ...all('string', `${path}[]`)]);
const stringMap = (...paths: readonly string[]): readonly FieldRow[] =>
  paths.flatMap((path): readonly FieldRow[] => [...all('map', path), ...all('string', `${path}{}`)]);
const under = (key: string, rows: readonly FieldRow[]): readonly FieldRow[] =>
  rows.map(([path, type]): FieldRow => [`${key}.${path}`, type]);

const METADATA = stringMap('metadata.labels', 'metadata.annotations');

const HANDLER: readonly FieldRow[] = [
  ...all('number or name of a port', 'httpGet.port', 'tcpSocket.port'),
  ...all('string', 'httpGet.path', 'httpGet.scheme'),
  ...stringsIn('exec.command'),
];

const PROBE: readonly FieldRow[] = [
  ...HANDLER,
  ...all('whole number', 'grpc.port', 'initialDelaySeconds', 'timeoutSeconds', 'periodSeconds'),
  ...all('whole number', 'successThreshold', 'failureThreshold', 'terminationGracePeriodSeconds'),
];

const CONTAINER: readonly FieldRow[] = [
  ...all('string', 'name', 'image', 'restartPolicy', 'lifecycle.stopSignal'),
  ...stringsIn('command', 'args'),
  ...all('list', 'env', 'envFrom', 'ports', 'volumeMounts', 'resizePolicy'),
  ...all('string', 'env[].name', 'env[].value', 'envFrom[].prefix', 'volumeMounts[].name', 'volumeMounts[].mountPath'),
  ...all('whole number', 'ports[].containerPort', 'ports[].hostPort'),
  ...all('string', 'ports[].name', 'ports[].protocol', 'ports[].hostIP'),
  ...all('map', 'resources', 'resources.limits', 'resources.requests', 'lifecycle'),
  ...['lifecycle.preStop', 'lifecycle.postStart'].flatMap((hook) =>
    under(hook, [...HANDLER, ...all('whole number', 'sleep.seconds')]),
  ),
  ...PROBE_FIELDS.flatMap((probe) => under(probe, PROBE)),
];

const POD: readonly FieldRow[] = [
  ...all('whole number', 'terminationGracePeriodSeconds', 'activeDeadlineSeconds'),
  ...all('boolean', 'hostNetwork', 'shareProcessNamespace'),
  ...all('string', 'restartPolicy', 'nodeName'),
  ...all('list', 'initContainers', 'volumes'),
  ...all('string', 'volumes[].name', 'volumes[].persistentVolumeClaim.claimName'),
  ...stringMap('nodeSelector'),
];

const ROLLING = ['strategy.rollingUpdate', 'strategy.rollingParams'].flatMap((key) =>
  under(key, all('whole number or percentage', 'maxSurge', 'maxUnavailable')),
);

/** Of workloads of other projects too, which name them as Kubernetes does. */
const WORKLOAD: readonly FieldRow[] = [
  ...all('whole number', 'replicas', 'minReadySeconds', 'progressDeadlineSeconds'),
  ...all('map', 'strategy'),
  ...all('string', 'strategy.type'),
  ...ROLLING,
];

const APPS: readonly FieldRow[] = [
  ...all('whole number', 'revisionHistoryLimit', 'updateStrategy.rollingUpdate.partition'),
  ...all('map', 'strategy.rollingUpdate', 'updateStrategy', 'updateStrategy.rollingUpdate', 'selector'),
  ...all('string', 'updateStrategy.type', 'serviceName'),
  ...under('updateStrategy.rollingUpdate', all('whole number or percentage', 'maxSurge', 'maxUnavailable')),
  ...stringMap('selector.matchLabels'),
];

const JOB = all('whole number', 'parallelism', 'completions', 'backoffLimit', 'activeDeadlineSeconds');

/** Kinds without pods that rules read, by API group and kind. */
const OTHERS: Readonly<Record<string, readonly FieldRow[]>> = {
  ' Service': under('spec', [
    ...stringMap('selector'),
    ...all('list', 'ports'),
    ...all('whole number', 'ports[].port', 'ports[].nodePort'),
    ...all('number or name of a port', 'ports[].targetPort'),
    ...all('string', 'type', 'clusterIP', 'ports[].name', 'ports[].protocol'),
  ]),
  ' ConfigMap': stringMap('data'),
  ' PersistentVolumeClaim': under('spec', stringsIn('accessModes')),
  'policy PodDisruptionBudget': under('spec', [
    ...all('whole number or percentage', 'minAvailable', 'maxUnavailable'),
    ...stringMap('selector.matchLabels'),
  ]),
  'autoscaling HorizontalPodAutoscaler': under('spec', all('whole number', 'minReplicas', 'maxReplicas')),
};

/** The fields of an object that rules read and whose type the API server checks, those that are not set included. */
export function typedFieldsOf(object: ManifestNode): readonly TypedField[] {
  return placesIn(object).flatMap(({ at, of, rows }) =>
    rows.flatMap(([path, type]) => nodesAt(at, path).map(({ node, name }) => ({ node, name, of, type }))),
  );
}

function placesIn(object: ManifestNode): readonly FieldHolder[] {
  const kind = textOf(field(object, 'kind')) ?? '';
  const group = apiGroupOf(object);
  const own: FieldHolder = { at: object, of: '', rows: [...METADATA, ...(OTHERS[`${group} ${kind}`] ?? [])] };
  const pod = podSpecOf(object);
  if (pod === null) return [own];
  const spec = field(object, 'spec');
  const job = kind === 'CronJob' ? field(spec, 'jobTemplate', 'spec') : spec;
  const containers = ['containers', 'initContainers'].flatMap((list) =>
    itemsOf(field(pod, list)).map((at, index): FieldHolder => {
      return { at, of: textOf(field(at, 'name')) ?? `${list}[${index}]`, rows: CONTAINER };
    }),
  );
  const template = templateOf(object) ?? object;
  return [
    own,
    ...(kind === 'Pod' ? [] : [{ at: spec, of: '', rows: [...WORKLOAD, ...(group === 'apps' ? APPS : [])] }]),
    ...(group === 'batch' ? [{ at: job, of: '', rows: JOB }] : []),
    ...(template.path.length === 0 ? [] : [{ at: template, of: 'the template', rows: METADATA }]),
    { at: pod, of: '', rows: POD },
    ...containers,
  ];
}

type Named = { readonly node: ManifestNode; readonly name: string };

function nodesAt(place: ManifestNode, path: string): readonly Named[] {
  return path.split('.').reduce<readonly Named[]>(
    (parents, segment) => {
      const key = segment.replace(/(\[\]|\{\})$/, '');
      const children = parents.map(({ node, name }): Named => {
        return { node: field(node, key), name: name === '' ? key : `${name}.${key}` };
      });
      if (segment === key) return children;
      return children.flatMap((each) => (segment.endsWith('[]') ? itemsIn(each) : valuesIn(each)));
    },
    [{ node: place, name: '' }],
  );
}

/** Items by their names, as `env[DEBUG]`, because nobody counts them. */
function itemsIn({ node, name }: Named): readonly Named[] {
  return itemsOf(node).map((item, index) => ({
    node: item,
    name: `${name}[${textOf(field(item, 'name')) ?? index}]`,
  }));
}

function valuesIn({ node, name }: Named): readonly Named[] {
  // What a merge key brings stands somewhere else.
  const keys = keysOf(node).filter((key) => key !== '<<');
  return keys.map((key) => ({ node: field(node, key), name: `${name}[${key}]` }));
}
