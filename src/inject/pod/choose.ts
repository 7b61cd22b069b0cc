import { type Json, type JsonMap, mapsOf, valueAt } from '../json.ts';
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

export function isForWindows(template: Json): boolean {
  return (
    valueAt(template, ['spec', 'os', 'name']) === 'windows' ||
    valueAt(template, ['spec', 'nodeSelector', 'kubernetes.io/os']) === 'windows'
  );
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
