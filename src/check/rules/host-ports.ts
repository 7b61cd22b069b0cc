import { type Finding, findingAt } from '../finding.ts';
import { field, type ManifestNode, numberOf, scalarOf, textOf } from '../manifest-node.ts';
import type { Workload } from '../workload.ts';
import { isOneNode, mayShareNode, type NodeChoice, nodeChoiceOf } from './node-choice.ts';
import { protocolOf, usedPorts } from './pod-ports.ts';
import { isRecreated, unavailableDuring } from './rolling-update.ts';

/** Which workloads have which port of a node, over all manifests of a run. */
export type HostPortUsers = Map<string, HostPortUser[]>;

type HostPortUser = {
  readonly own: string;
  readonly kind: string;
  readonly address: string;
  readonly nodes: NodeChoice;
};

type HostPort = {
  readonly node: ManifestNode;
  readonly port: number;
  readonly protocol: string;
  readonly address: string;
};

/** A port of a node is free for one pod only. */
export function hostPortRules(workload: Workload, file: string, hostPortUsers: HostPortUsers): readonly Finding[] {
  const { spec, servesRequests } = workload;
  // Pods that end soon, or that there are none of.
  if (!servesRequests || numberOf(field(spec, 'replicas')) === 0) return [];
  const used = hostPortsOf(workload);
  return [...ownPods(workload, used[0]), ...otherPods(workload, used, file, hostPortUsers)];
}

/** The new pods of an update beside the old ones. */
function ownPods(workload: Workload, first: HostPort | undefined): readonly Finding[] {
  const { kind, name, pod } = workload;
  if (kind !== 'Deployment' || first === undefined || isRecreated(workload) || unavailableDuring(workload) !== 0)
    return [];
  const oneNode = isOneNode(nodeChoiceOf(pod));
  const reason = oneNode
    ? `Each pod of ${name} has port ${first.port} of the same node, so the new pod of an update waits for the old one, which is only stopped when the new one is ready`
    : `Each pod of ${name} has port ${first.port} of its node, so a new pod waits for a node without an old pod; with as many replicas as nodes the update never ends`;
  return [
    findingAt(first.node, {
      rule: 'host-port',
      severity: oneNode ? 'error' : 'warning',
      reason,
      remedy: 'Use a Service instead of hostPort (hostNetwork), or a DaemonSet; or set maxSurge 0 and maxUnavailable 1',
    }),
  ];
}

/** Pods of other workloads in the same file. Another file may be a variant of this one, which is never applied beside it. */
function otherPods(
  { kind, name, pod }: Workload,
  used: readonly HostPort[],
  file: string,
  hostPortUsers: HostPortUsers,
): readonly Finding[] {
  const own = `${kind} ${name}`;
  const nodes = nodeChoiceOf(pod);
  return used.flatMap(({ node, port, protocol, address }) => {
    const key = JSON.stringify([file, protocol, port]);
    const users = hostPortUsers.get(key) ?? [];
    hostPortUsers.set(key, users);
    const other = users.find(
      (user) => user.own !== own && isSameAddress(user.address, address) && mayShareNode(user.nodes, nodes),
    );
    if (!users.some((user) => user.own === own)) users.push({ own, kind, address, nodes });
    if (other === undefined) return [];
    const reason = `${own} and ${other.own} both have port ${port} of the node, so only one of them runs on a node`;
    // The scheduler finds a node for each of two Deployments, if there are enough; a DaemonSet takes them all.
    const isEverywhere = kind === 'DaemonSet' || other.kind === 'DaemonSet';
    return [findingAt(node, { rule: 'host-port', severity: isEverywhere ? 'error' : 'note', reason })];
  });
}

/** Without hostIP it is every address of the node: HostPortInfo.CheckConflict in k8s.io/kubernetes/pkg/scheduler/framework. */
function isSameAddress(a: string, b: string): boolean {
  return a === b || [a, b].some((address) => address === '' || address === '0.0.0.0');
}

function hostPortsOf({ pod, containers }: Workload): readonly HostPort[] {
  if (isOnHostNetwork(pod)) return containers.flatMap(usedPorts).map((port) => ({ ...port, address: '' }));
  return containers.flatMap(({ ports }) =>
    ports.flatMap(({ node }): readonly HostPort[] => {
      const hostPort = field(node, 'hostPort');
      const port = numberOf(hostPort);
      // 0 is none.
      if (port === null || port === 0) return [];
      const address = textOf(field(node, 'hostIP')) ?? '';
      return [{ node: hostPort, port, protocol: protocolOf(node), address }];
    }),
  );
}

function isOnHostNetwork(pod: ManifestNode): boolean {
  return scalarOf(field(pod, 'hostNetwork')) === true;
}
