import { type Json, type JsonMap, mapsOf, valueAt, wordsIn } from '../json.ts';
import { mapsAt } from '../record.ts';
import type { InjectSettings } from '../settings.ts';

/** Containers that meshes and platforms put beside the app, which end after it in an order of their own. */
const PROXIES: ReadonlySet<string> = new Set([
  ...['istio-proxy', 'linkerd-proxy', 'kuma-sidecar', 'consul-dataplane', 'envoy-sidecar', 'osm-envoy', 'daprd'],
  ...['vault-agent', 'cloud-sql-proxy', 'cloudsql-proxy', 'queue-proxy'],
]);

/** Whether a container that the user has not named is left alone, and why. */
export function leftAlone(container: JsonMap, { containers }: InjectSettings): string | null {
  const name = String(container['name'] ?? '');
  if (containers !== null) return null;
  return PROXIES.has(name)
    ? `is a proxy beside the app, so it is left alone; --container ${name} would choose it`
    : null;
}

/** The label by which a node has its system, and the name that it had before Kubernetes 1.14. */
const SYSTEM_LABELS = ['kubernetes.io/os', 'beta.kubernetes.io/os'];

/** Whether a pod runs on nodes with Windows only. */
export function isForWindows(template: Json): boolean {
  if (valueAt(template, ['spec', 'os', 'name']) === 'windows') return true;
  if (SYSTEM_LABELS.some((label) => valueAt(template, ['spec', 'nodeSelector', label]) === 'windows')) return true;
  const terms = mapsAt(template, ['spec', 'affinity', 'nodeAffinity', ...REQUIRED]);
  return terms.length > 0 && terms.every((term) => mapsOf(term['matchExpressions']).some(wantsWindows));
}

/** Of the terms a node has to fit one; what is only preferred decides nothing. */
const REQUIRED = ['requiredDuringSchedulingIgnoredDuringExecution', 'nodeSelectorTerms'];

function wantsWindows({ key, operator, values }: JsonMap): boolean {
  const names = wordsIn(values) ?? [];
  if (!SYSTEM_LABELS.includes(String(key))) return false;
  // A node has one of the two systems.
  return (
    (operator === 'In' && names.length > 0 && names.every((name) => name === 'windows')) ||
    (operator === 'NotIn' && names.includes('linux'))
  );
}

/** A RuntimeClass may choose the nodes, and is another object; its name is all there is. */
export function maybeForWindows(template: Json): string | null {
  const name = valueAt(template, ['spec', 'runtimeClassName']);
  return typeof name === 'string' && /windows/i.test(name)
    ? `has the RuntimeClass ${name}: if its nodes run Windows, it cannot have k8s-run, and --selector leaves it out`
    : null;
}

/** The ports that the containers of a pod are known to have. */
export function portsIn(template: Json): readonly number[] {
  const containers = [...mapsAt(template, ['spec', 'containers']), ...mapsAt(template, ['spec', 'initContainers'])];
  return containers.flatMap((container) => [
    ...mapsOf(container['ports']).flatMap(({ containerPort }) =>
      typeof containerPort === 'number' ? [containerPort] : [],
    ),
    ...['readinessProbe', 'livenessProbe', 'startupProbe'].flatMap((probe) =>
      ['httpGet', 'tcpSocket', 'grpc'].flatMap((handler) => {
        const port = valueAt(container, [probe, handler, 'port']);
        return typeof port === 'number' ? [port] : [];
      }),
    ),
  ]);
}
