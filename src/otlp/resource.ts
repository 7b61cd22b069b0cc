import { hostname } from 'node:os';
import { newTraceId } from './trace-context.ts';

/** Attributes of the service that is supervised, by the names of the semantic conventions for resources. */
export type ResourceAttributes = Readonly<Record<string, string>>;

/**
 * The names under which pods have the values of the downward API: those of examples, charts and operators. Of each the first that is
 * set counts.
 */
const DOWNWARD: Readonly<Record<string, readonly string[]>> = {
  'k8s.pod.name': ['POD_NAME', 'K8S_POD_NAME', 'MY_POD_NAME', 'OTEL_RESOURCE_ATTRIBUTES_POD_NAME'],
  'k8s.pod.uid': ['POD_UID', 'K8S_POD_UID', 'MY_POD_UID', 'OTEL_RESOURCE_ATTRIBUTES_POD_UID'],
  'k8s.namespace.name': ['POD_NAMESPACE', 'K8S_POD_NAMESPACE', 'K8S_NAMESPACE', 'MY_POD_NAMESPACE'],
  'k8s.container.name': ['CONTAINER_NAME', 'K8S_CONTAINER_NAME', 'MY_CONTAINER_NAME'],
  'k8s.node.name': ['NODE_NAME', 'K8S_NODE_NAME', 'MY_NODE_NAME', 'OTEL_RESOURCE_ATTRIBUTES_NODE_NAME'],
};

/** What is said by OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME (`given`) wins over what is found. `program`: of the app. */
export function resourceOf(
  given: ReadonlyMap<string, string>,
  environment: Readonly<NodeJS.ProcessEnv>,
  program: string,
): ResourceAttributes {
  const found = Object.entries(DOWNWARD).flatMap(([attribute, names]) => {
    const value = names.map((name) => environment[name]).find((each) => each !== undefined && each !== '');
    return value === undefined ? [] : [[attribute, value] as const];
  });
  // Outside of a pod such a name may mean anything.
  const downward =
    environment['KUBERNETES_SERVICE_HOST'] || found.some(([name]) => name === 'k8s.pod.name') ? found : [];
  const known = new Map([
    ['service.name', program] as const,
    ['host.name', hostname()] as const,
    ...downward,
    ...given,
  ]);
  const place = ['k8s.namespace.name', 'k8s.pod.name', 'k8s.container.name'].map((each) => known.get(each));
  // By the conventions, so that the app, which knows the same, has the same id; else any that is unique.
  const instance = place.includes(undefined) ? uuid() : place.join('.');
  return { 'service.instance.id': instance, ...Object.fromEntries(known) };
}

/** RFC 9562, version 4. */
function uuid(): string {
  const digits = newTraceId();
  const variant = '89ab'[Math.floor(Math.random() * 4)];
  const parts = [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `4${digits.slice(13, 16)}`,
    `${variant}${digits.slice(17, 20)}`,
  ];
  return `${parts.join('-')}-${digits.slice(20)}`;
}
