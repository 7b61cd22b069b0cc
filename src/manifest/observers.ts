import { selectorLabels } from './labels.ts';
import type { ManifestInput } from './manifest-input.ts';
import { metadataOf } from './metadata.ts';
import { transportOf } from './ports.ts';
import { withComment, type YamlFields, type YamlValue } from './yaml-writer.ts';

/** Tells Prometheus to scrape /metrics at the health port of each pod. */
export function podMonitor(input: ManifestInput): YamlFields | null {
  if (!input.podMonitor) return null;
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PodMonitor',
    metadata: withComment(
      'Needs the Prometheus operator. Where its Prometheus selects PodMonitors by a label, add that by --label, such as\nrelease=prometheus for kube-prometheus-stack.',
      metadataOf(input),
    ),
    spec: {
      selector: { matchLabels: selectorLabels(input) },
      podMetricsEndpoints: [{ port: 'health', path: '/metrics' }],
    },
  };
}

/** Admits the clients of the app, and to the health port the kubelet and scrapers; nothing else. */
export function networkPolicy(input: ManifestInput): YamlFields | null {
  const { networkPolicy: policy, ports, health } = input;
  if (policy === null) return null;
  const toApp = withComment('Clients. Admit only some by `from`.', {
    ports: ports.map((port) => ({ port: port.name, protocol: transportOf(port) })),
  });
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: metadataOf(input),
    spec: {
      podSelector: { matchLabels: selectorLabels(input) },
      policyTypes: ['Ingress'],
      ingress: [
        ...(ports.length === 0 ? [] : [toApp]),
        ...(health.probedBy === 'exec' ? [] : [toHealthPort(input, policy.nodes)]),
      ],
    },
  };
}

function toHealthPort({ podMonitor: scraped }: ManifestInput, nodes: readonly string[]): YamlValue {
  const ports = [{ port: 'health' }];
  if (nodes.length === 0)
    return withComment(
      'The kubelet probes from the node, and Prometheus scrapes. The port is read only and shows no secrets; --node-cidr\nadmits the nodes alone.',
      { ports },
    );
  const from = nodes.map((cidr) => ({ ipBlock: { cidr } }));
  const prometheus = {
    namespaceSelector: {},
    podSelector: { matchLabels: { 'app.kubernetes.io/name': 'prometheus' } },
  };
  return withComment('The kubelet probes from the node.', {
    from: scraped ? [...from, withComment('The pods of the Prometheus operator, in any namespace.', prometheus)] : from,
    ports,
  });
}
