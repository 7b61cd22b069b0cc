import { type Finding, findingAt } from '../finding.ts';
import { field, type ManifestNode, numberOf, scalarOf, textOf } from '../manifest-node.ts';
import type { Workload } from '../workload.ts';
import { protocolOf, usedPorts } from './pod-ports.ts';
import { unavailableDuring } from './rollout.ts';

/** Which workload has which port of a node, over all manifests of a run. */
export type HostPortUsers = Map<string, string>;

type HostPort = {
  readonly node: ManifestNode;
  readonly port: number;
  readonly protocol: string;
  readonly address: string;
};

/** A port of a node is free for one pod only. */
export function hostPortRules(workload: Workload, hostPortUsers: HostPortUsers): readonly Finding[] {
  const { kind, name, spec } = workload;
  const used = hostPortsOf(workload);
  const findings: Finding[] = [];
  const [first] = used;
  const recreated = textOf(field(spec, 'strategy', 'type')) === 'Recreate';
  if (kind === 'Deployment' && first !== undefined && !recreated && unavailableDuring(workload) === 0)
    findings.push(
      findingAt(first.node, {
        rule: 'host-port',
        reason: `Each pod of ${name} has port ${first.port} of its node, so a new pod waits for a node without an old pod; with as many replicas as nodes the update never ends`,
        remedy: 'Use a Service instead of hostPort (hostNetwork), or a DaemonSet',
      }),
    );
  const own = `${kind} ${name}`;
  for (const { node, port, protocol, address } of used) {
    const key = `${protocol} ${address} ${port}`;
    const other = hostPortUsers.get(key);
    if (other === undefined) hostPortUsers.set(key, own);
    else if (other !== own) {
      const reason = `${own} and ${other} both have port ${port} of the node, so only one of them runs on a node`;
      findings.push(findingAt(node, { rule: 'host-port', reason }));
    }
  }
  return findings;
}

function hostPortsOf({ pod, containers }: Workload): readonly HostPort[] {
  const hostNetwork = scalarOf(field(pod, 'hostNetwork')) === true;
  if (hostNetwork) return containers.flatMap(usedPorts).map((port) => ({ ...port, address: '' }));
  return containers.flatMap(({ ports }) =>
    ports.flatMap(({ node }): readonly HostPort[] => {
      const hostPort = field(node, 'hostPort');
      const port = numberOf(hostPort);
      if (port === null) return [];
      const address = textOf(field(node, 'hostIP')) ?? '';
      return [{ node: hostPort, port, protocol: protocolOf(node), address }];
    }),
  );
}
