import { apiGroupOf } from './api-group.ts';
import { type Entrypoint, readEntrypoint } from './entrypoint.ts';
import { field, isSet, itemsOf, keysOf, type ManifestNode, numberOf, scalarOf, textOf } from './manifest-node.ts';
import { podSpecOf, templateOf } from './pod-templates.ts';
import type { ContainerReader } from './supervisor-options.ts';

/** An object that makes pods, or a pod. */
export type Workload = {
  readonly kind: string;
  /** The API group, without the version; empty for the core group. */
  readonly group: string;
  readonly name: string;
  readonly spec: ManifestNode;
  readonly pod: ManifestNode;
  /** The object or template whose metadata its pods have. */
  readonly template: ManifestNode;
  /** The containers that run as long as the pod; native sidecars (initContainers with restartPolicy: Always) come last. */
  readonly containers: readonly Container[];
  /** The init containers that end before these start. */
  readonly initContainers: readonly Container[];
  /** The pods of a Job, and others that are not restarted for ever, end by themselves and get no requests. */
  readonly servesRequests: boolean;
  /** The field with the time that its pods have to stop, in seconds; and the default. */
  readonly gracePeriod: ManifestNode;
  readonly defaultGracePeriod: number;
  /** Its containers get a readinessProbe if they have none. */
  readonly isProbedByDefault: boolean;
};

export type Container = {
  readonly node: ManifestNode;
  readonly name: string;
  readonly entrypoint: Entrypoint;
  /** It is a native sidecar. */
  readonly sidecar: boolean;
  readonly ports: readonly ContainerPort[];
};
export type ContainerPort = {
  readonly node: ManifestNode;
  readonly name: string | null;
  readonly number: number | null;
};

/** The default of terminationGracePeriodSeconds: pkg/apis/core/v1/defaults.go. */
export const DEFAULT_GRACE_PERIOD = 30;

/** Kinds whose pods end by themselves, of Kubernetes, OpenKruise and KEDA. */
const TASKS: ReadonlySet<string> = new Set(['Job', 'CronJob', 'BroadcastJob', 'AdvancedCronJob', 'ScaledJob']);

/** Its `revision-timeout-seconds`: the default of timeoutSeconds, from which Knative makes the grace period of its pods. */
const KNATIVE_TIMEOUT = 300;

export function workloadOf(object: ManifestNode, reader: ContainerReader): Workload | null {
  const kind = textOf(field(object, 'kind')) ?? '';
  const pod = podSpecOf(object);
  if (pod === null) return null;
  const group = apiGroupOf(object);
  const isKnative = group === 'serving.knative.dev';
  const init = itemsOf(field(pod, 'initContainers'));
  const isSidecar = (node: ManifestNode): boolean => textOf(field(node, 'restartPolicy')) === 'Always';
  const read = (list: string, nodes: readonly ManifestNode[], sidecar: boolean): readonly Container[] =>
    nodes.map((node, index) => containerOf(node, `${list}[${index}]`, reader, sidecar));
  const containers = read('containers', itemsOf(field(pod, 'containers')), false);
  const sidecars = read('initContainers', init.filter(isSidecar), true);
  const initContainers = read(
    'initContainers',
    init.filter((node) => !isSidecar(node)),
    false,
  );
  return {
    kind,
    group,
    name: nameOf(object),
    spec: field(object, 'spec'),
    pod,
    template: templateOf(object) ?? object,
    containers: containers.length === 0 ? [] : [...containers, ...sidecars],
    initContainers,
    servesRequests: !TASKS.has(kind) && !/^(Never|OnFailure)$/.test(textOf(field(pod, 'restartPolicy')) ?? ''),
    gracePeriod: field(pod, isKnative ? 'timeoutSeconds' : 'terminationGracePeriodSeconds'),
    defaultGracePeriod: isKnative ? KNATIVE_TIMEOUT : DEFAULT_GRACE_PERIOD,
    isProbedByDefault: isKnative,
  };
}

export function nameOf(object: ManifestNode): string {
  const metadata = field(object, 'metadata');
  return textOf(field(metadata, 'name')) ?? textOf(field(metadata, 'generateName')) ?? '(no name)';
}

function containerOf(node: ManifestNode, defaultName: string, reader: ContainerReader, sidecar: boolean): Container {
  const ports = itemsOf(field(node, 'ports')).map((port) => ({
    node: port,
    name: textOf(field(port, 'name')),
    number: numberOf(field(port, 'containerPort')),
  }));
  return {
    node,
    name: textOf(field(node, 'name')) ?? defaultName,
    ports,
    sidecar,
    entrypoint: readEntrypoint(node, reader),
  };
}

/** The time that the pod has to stop, in seconds: what the manifest says, or the default. */
export function gracePeriodOf({ gracePeriod, defaultGracePeriod }: Workload): number {
  const given = numberOf(gracePeriod) ?? defaultGracePeriod;
  return given < 0 ? NEGATIVE_GRACE_PERIOD : given;
}

/** In seconds, what the API server makes of a negative number, with a warning: pkg/api/pod/warnings.go. */
export const NEGATIVE_GRACE_PERIOD = 1;

const HANDLERS: readonly string[] = ['httpGet', 'tcpSocket', 'grpc', 'exec', 'sleep'];

/** The names of the handlers that a probe or a hook has. */
export function handlersOf(node: ManifestNode): readonly string[] {
  return keysOf(node).filter((key) => HANDLERS.includes(key) && isSet(field(node, key)));
}

/** The handler of a probe or a hook; null for one that has none or several. */
export function onlyHandlerOf(node: ManifestNode): { readonly name: string; readonly node: ManifestNode } | null {
  const [name, ...others] = handlersOf(node);
  return name === undefined || others.length > 0 ? null : { name, node: field(node, name) };
}

/** Whether it is a probe that the API server accepts. */
export function isValidProbe(node: ManifestNode): boolean {
  return onlyHandlerOf(node) !== null;
}

/** The number of a port that a probe names by number, by a number in quotes, or by the name of a container port. */
export function portNumber(node: ManifestNode, { ports }: Pick<Container, 'ports'>): number | null {
  const value = scalarOf(node);
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return null;
  if (/^\d+$/.test(value)) return Number(value);
  return ports.find(({ name }) => name === value)?.number ?? null;
}
