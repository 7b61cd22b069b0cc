import { field, isThere, itemsOf, keysOf, numberOf, type Spot, scalarOf, textOf } from './document.ts';
import type { Interpret } from './interpret.ts';
import { type Supervisor, supervisorOf } from './supervisor.ts';

/** Where each kind keeps its pod. */
const PODS: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['spec', 'template', 'spec'],
  ReplicaSet: ['spec', 'template', 'spec'],
  ReplicationController: ['spec', 'template', 'spec'],
  StatefulSet: ['spec', 'template', 'spec'],
  DaemonSet: ['spec', 'template', 'spec'],
  Job: ['spec', 'template', 'spec'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
  Pod: ['spec'],
};

/** Something that makes pods. */
export type Workload = {
  readonly kind: string;
  readonly name: string;
  readonly spec: Spot;
  readonly pod: Spot;
  /** Those that run as long as the pod: sidecars too, native ones (initContainers with restartPolicy: Always) last. */
  readonly containers: readonly Container[];
  /** Those that have to end before the others start. */
  readonly before: readonly Container[];
  /** A Job's pods end by themselves, and nobody sends them requests. */
  readonly serves: boolean;
};

export type Container = {
  readonly spot: Spot;
  readonly name: string;
  readonly supervisor: Supervisor;
  /** A native one: an init container that goes on. */
  readonly sidecar: boolean;
  readonly ports: readonly Port[];
};
export type Port = { readonly spot: Spot; readonly name: string | null; readonly number: number | null };

/** kubelet's default, in seconds: pkg/apis/core/v1/defaults.go. */
export const DEFAULT_PERIOD = 30;

export function mayHoldPods(kind: string): boolean {
  return Object.hasOwn(PODS, kind) || kind.endsWith('List');
}

/** Where an object keeps its pod; null for kinds that have none. */
export function podOf(object: Spot): Spot | null {
  const kind = textOf(field(object, 'kind')) ?? '';
  const path = Object.hasOwn(PODS, kind) ? PODS[kind] : undefined;
  return path === undefined ? null : field(object, ...path);
}

export function workloadOf(object: Spot, interpret: Interpret): Workload | null {
  const kind = textOf(field(object, 'kind')) ?? '';
  const pod = podOf(object);
  if (pod === null) return null;
  const metadata = field(object, 'metadata');
  const init = itemsOf(field(pod, 'initContainers'));
  const isSidecar = (spot: Spot): boolean => textOf(field(spot, 'restartPolicy')) === 'Always';
  const read = (list: string, spots: readonly Spot[], sidecar: boolean): readonly Container[] =>
    spots.map((spot, index) => containerOf(spot, `${list}[${index}]`, interpret, sidecar));
  const containers = read('containers', itemsOf(field(pod, 'containers')), false);
  const sidecars = read('initContainers', init.filter(isSidecar), true);
  const before = read(
    'initContainers',
    init.filter((spot) => !isSidecar(spot)),
    false,
  );
  return {
    kind,
    name: textOf(field(metadata, 'name')) ?? textOf(field(metadata, 'generateName')) ?? '(no name)',
    spec: field(object, 'spec'),
    pod,
    containers: containers.length === 0 ? [] : [...containers, ...sidecars],
    before,
    serves: kind !== 'Job' && kind !== 'CronJob',
  };
}

function containerOf(spot: Spot, otherwise: string, interpret: Interpret, sidecar: boolean): Container {
  const ports = itemsOf(field(spot, 'ports')).map((port) => ({
    spot: port,
    name: textOf(field(port, 'name')),
    number: numberOf(field(port, 'containerPort')),
  }));
  return {
    spot,
    name: textOf(field(spot, 'name')) ?? otherwise,
    ports,
    sidecar,
    supervisor: supervisorOf(spot, interpret),
  };
}

/** The pod's terminationGracePeriodSeconds, the default where it is silent. */
export function periodOf({ pod }: Workload): number {
  return numberOf(field(pod, 'terminationGracePeriodSeconds')) ?? DEFAULT_PERIOD;
}

const ACTIONS: readonly string[] = ['httpGet', 'tcpSocket', 'grpc', 'exec', 'sleep'];

/** The actions of a probe or a hook that are there: httpGet, exec, … */
export function actionsOf(spot: Spot): readonly string[] {
  return keysOf(spot).filter((key) => ACTIONS.includes(key) && isThere(field(spot, key)));
}

/** The one action of a probe or a hook, and where it stands; null where there is none, or more than one. */
export function actionOf(spot: Spot): { readonly name: string; readonly spot: Spot } | null {
  const [name, ...others] = actionsOf(spot);
  return name === undefined || others.length > 0 ? null : { name, spot: field(spot, name) };
}

/** Whether a probe is one that the API server takes. */
export function isProbe(spot: Spot): boolean {
  return actionOf(spot) !== null;
}

/** The number of a port that a probe names by number, by quoted number or by the name of a port of the container. */
export function portNumber(spot: Spot, { ports }: Pick<Container, 'ports'>): number | null {
  const value = scalarOf(spot);
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return null;
  if (/^\d+$/.test(value)) return Number(value);
  return ports.find(({ name }) => name === value)?.number ?? null;
}
