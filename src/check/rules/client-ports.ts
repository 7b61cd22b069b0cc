import type { Container, ContainerPort } from '../workload.ts';

/** Names of ports that only a collector of metrics asks, for which a single request is nothing. */
export const FOR_SCRAPERS: RegExp = /(^|-)(metrics|prom|prometheus|monitoring|stats|telemetry)(-|$)/;
/** Names of ports that the kubelet or a developer asks. */
const FOR_OPERATION = /(^|-)(health|healthz|healthcheck|probe|probes|liveness|readiness|debug|pprof|profiling)(-|$)/;

/** The ports of a container at which clients may send requests, as far as their names show it. */
export function clientPorts({ ports }: Pick<Container, 'ports'>): readonly ContainerPort[] {
  return ports.filter(({ name }) => !FOR_SCRAPERS.test(name ?? '') && !FOR_OPERATION.test(name ?? ''));
}
