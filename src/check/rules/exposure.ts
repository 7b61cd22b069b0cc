import { field, isSet } from '../manifest-node.ts';
import { type Container, portNumber, type Workload } from '../workload.ts';
import type { Severity } from './catalog.ts';
import { clientPorts } from './client-ports.ts';
import { PROBE_FIELDS } from './probe-fields.ts';
import { type RuleContext, servicesOf } from './rule-context.ts';

/** What is at stake if no pod of a workload serves for a while; and the words for what is not known. */
export type Exposure = { readonly severity: Severity; readonly unlessKnown: string };

/**
 * Without a Service, which another folder may have, a port shows only that there may be clients. Pods with neither a port nor a
 * readinessProbe get no requests: null.
 */
export function exposureOf(workload: Workload, ruleContext: RuleContext): Exposure | null {
  const { containers } = workload;
  const hasClientPort = containers.some(hasOwnPort);
  if (servicesOf(workload, ruleContext).length > 0)
    return { severity: hasClientPort ? 'error' : 'note', unlessKnown: '' };
  const mayServe = containers.some(({ node, ports }) => ports.length > 0 || isSet(field(node, 'readinessProbe')));
  if (!hasClientPort && !mayServe) return null;
  return {
    severity: hasClientPort ? 'warning' : 'note',
    unlessKnown: ', and requests are lost if a Service that was not checked selects its pods',
  };
}

/** Whether the container declares a port for clients, or has a probe at one that it does not declare, that is not the health port of k8s-run. */
function hasOwnPort(container: Container): boolean {
  const { entrypoint, node, ports } = container;
  const healthPort = entrypoint.kind === 'k8s-run' ? entrypoint.options.healthPort : null;
  const probed = PROBE_FIELDS.flatMap((probe) =>
    ['httpGet', 'tcpSocket', 'grpc'].map((handler) => portNumber(field(node, probe, handler, 'port'), container)),
  );
  const undeclared = probed.filter((port) => !ports.some(({ number }) => number === port));
  return [...clientPorts(container).map(({ number }) => number), ...undeclared].some(
    (port) => port !== null && port !== healthPort,
  );
}
