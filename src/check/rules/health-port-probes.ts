import { type Finding, findingAt } from '../finding.ts';
import { remove, rename, set } from '../fix/edit.ts';
import { field, isSet, type ManifestNode, scalarOf, textOf } from '../manifest-node.ts';
import type { SupervisorOptions } from '../supervisor-options.ts';
import { type Container, portNumber } from '../workload.ts';
import { HEALTH_PATHS, PROBE_PATHS, PROBE_VERDICTS, type ProbeField, severityOfVerdict } from './probe-fields.ts';

/** A probe over the network, of a container that k8s-run runs. */
export type NetworkProbe = {
  readonly container: Container;
  readonly options: SupervisorOptions;
  readonly probeField: ProbeField;
  /** httpGet, tcpSocket or grpc. */
  readonly handler: { readonly name: string; readonly node: ManifestNode };
};

/** Whether the probe reaches the health port of k8s-run, and the right path there. */
export function healthPortFindings(probe: NetworkProbe): readonly Finding[] {
  const { healthPort, loopbackOnly } = probe.options;
  if (healthPort === null) return noHealthPort(probe);
  const number = portNumber(portOf(probe), probe.container);
  if (number !== healthPort) return otherPort(probe, number, healthPort);
  if (probe.handler.name !== 'httpGet') return portOnly(probe, healthPort);
  if (loopbackOnly) return unreachableFromKubelet(probe);
  return [...httpsScheme(probe), ...wrongPath(probe)];
}

function portOf({ handler }: NetworkProbe): ManifestNode {
  return field(handler.node, 'port');
}

function pathOf({ handler }: NetworkProbe): string {
  return textOf(field(handler.node, 'path'))?.replace(/\?.*$/s, '') ?? '/';
}

/** Whether its path is one of the health server. */
function isForHealthServer(probe: NetworkProbe): boolean {
  return probe.handler.name === 'httpGet' && HEALTH_PATHS.has(pathOf(probe));
}

function nameOf({ probeField, container }: NetworkProbe): string {
  return `The ${probeField} of ${container.name}`;
}

function noHealthPort(probe: NetworkProbe): readonly Finding[] {
  if (!isForHealthServer(probe)) return [];
  return [
    findingAt(portOf(probe), {
      rule: 'probe-port',
      reason: `${nameOf(probe)} probes ${pathOf(probe)}, but k8s-run has no fixed health port (it is off or any free one)`,
      remedy: 'Set --health-port to a number, or leave it out for 20080',
    }),
  ];
}

function otherPort(probe: NetworkProbe, number: number | null, healthPort: number): readonly Finding[] {
  const { container, probeField, handler } = probe;
  const port = portOf(probe);
  const isDeclared = number !== null && container.ports.some((each) => each.number === number);
  if (number === null || (isForHealthServer(probe) && !isDeclared)) {
    const value = scalarOf(port);
    const unnamed = number === null && typeof value === 'string' ? ', a name that no port of the container has' : '';
    return [
      findingAt(port, {
        rule: 'probe-port',
        // The app may have the same path at a port that the manifest does not declare.
        ...(number === null ? {} : { severity: 'warning' }),
        reason: `${nameOf(probe)} probes port ${JSON.stringify(value ?? null)}${unnamed}, but the health port of k8s-run is ${healthPort}`,
        remedy: `port: ${healthPort}`,
        edits: isForHealthServer(probe) ? set(port, healthPort) : [],
      }),
    ];
  }
  // Liveness and startup of the app itself do no harm. Its readiness stays positive until it exits.
  if (probeField !== 'readinessProbe') return [];
  const scheme = handler.name === 'httpGet' ? 'http' : handler.name === 'grpc' ? 'grpc' : 'tcp';
  const ready = `--ready ${scheme}://:${number}${handler.name === 'httpGet' ? pathOf(probe) : ''}`;
  return [
    findingAt(port, {
      rule: 'probe-bypasses-k8s-run',
      reason: `${nameOf(probe)} probes the app (port ${number}), which is ready during the shutdown delay too, so load balancers that use readiness go on sending requests`,
      remedy: `httpGet: { path: ${PROBE_PATHS[probeField][0]}, port: ${healthPort} }, and ${ready} for k8s-run`,
    }),
  ];
}

/** tcpSocket or grpc at the health port. */
function portOnly(probe: NetworkProbe, healthPort: number): readonly Finding[] {
  const { probeField, handler } = probe;
  const [right] = PROBE_PATHS[probeField];
  const service = field(handler.node, 'service');
  return [
    findingAt(handler.node, {
      rule: 'probe-path',
      // Readiness that is always true sends requests to an app that is starting; the others only find nothing.
      ...(probeField === 'readinessProbe' || handler.name === 'grpc' ? {} : { severity: 'note' }),
      reason:
        handler.name === 'grpc'
          ? `${nameOf(probe)} never passes, because the health port of k8s-run answers HTTP and not gRPC`
          : `${nameOf(probe)} probes only whether the health port of k8s-run is open, which it always is`,
      remedy: `httpGet: { path: ${right}, port: ${healthPort} }`,
      edits: [
        // The port stays as it is written.
        ...(isSet(service) ? remove(service) : []),
        ...set(field(handler.node, 'path'), right),
        ...rename(handler.node, 'httpGet'),
      ],
    }),
  ];
}

function unreachableFromKubelet(probe: NetworkProbe): readonly Finding[] {
  return [
    findingAt(portOf(probe), {
      rule: 'probe-port',
      reason: `${nameOf(probe)} probes the address of the pod, but k8s-run listens on loopback only (--health-host)`,
      remedy: `exec: { command: ["k8s-run", "probe", "${PROBE_VERDICTS[probe.probeField]}"] }, or leave --health-host out`,
    }),
  ];
}

function httpsScheme(probe: NetworkProbe): readonly Finding[] {
  const scheme = field(probe.handler.node, 'scheme');
  if (textOf(scheme)?.toUpperCase() !== 'HTTPS') return [];
  return [
    findingAt(scheme, {
      rule: 'probe-port',
      reason: `${nameOf(probe)} probes with HTTPS, but k8s-run serves HTTP`,
      remedy: 'Remove the scheme',
      edits: remove(scheme),
    }),
  ];
}

function wrongPath(probe: NetworkProbe): readonly Finding[] {
  const { probeField, handler } = probe;
  const path = pathOf(probe);
  if (PROBE_PATHS[probeField].includes(path)) return [];
  // The rule liveness-is-readiness reports this one.
  if (probeField === 'livenessProbe' && path === '/readyz') return [];
  const verdict = HEALTH_PATHS.get(path);
  const meaning = verdict === undefined ? 'for which k8s-run returns 404' : `which is for ${verdict}`;
  const at = field(handler.node, 'path');
  const [right] = PROBE_PATHS[probeField];
  return [
    findingAt(isSet(at) ? at : handler.node, {
      rule: 'probe-path',
      ...(verdict === undefined ? {} : severityOfVerdict(probeField, verdict)),
      reason: `${nameOf(probe)} probes ${path}, ${meaning}`,
      remedy: `path: ${right}`,
      edits: set(at, right),
    }),
  ];
}
