import { type Finding, findingAt } from '../finding.ts';
import { field, type ManifestNode, textOf } from '../manifest-node.ts';
import type { Container, Workload } from '../workload.ts';

/** A port that a container listens on. */
export type UsedPort = {
  readonly node: ManifestNode;
  readonly port: number;
  readonly protocol: string;
  /** The port is the health port of k8s-run, or declared in ports. */
  readonly use: 'health port' | 'container port';
};

/** The containers of a pod share a network namespace, so two of them cannot listen on the same port. */
export function portConflictRules({ containers }: Workload): readonly Finding[] {
  const users = new Map<
    string,
    { readonly container: Container; readonly user: string; readonly use: UsedPort['use'] }
  >();
  return containers.flatMap((container) =>
    usedPorts(container).flatMap(({ node, port, protocol, use }) => {
      const key = `${protocol} ${port}`;
      const other = users.get(key);
      const user = use === 'health port' ? `the health port of ${container.name}` : `a port of ${container.name}`;
      users.set(key, other ?? { container, user, use });
      // The same port twice is one listener, under two names or at two addresses of the node.
      if (other === undefined || other.container === container) return [];
      // A declared port is only information: the container may not listen on it.
      const severity = use === 'health port' && other.use === 'health port' ? 'error' : 'warning';
      const reason = `Port ${port} is ${user} and ${other.user}, but in a pod only one container can listen on it`;
      const remedy = 'Give this container another --health-port, and change its probes to that port';
      return [
        findingAt(node, { rule: 'port-conflict', severity, reason, ...(use === 'health port' ? { remedy } : {}) }),
      ];
    }),
  );
}

export function usedPorts({ entrypoint, node, ports }: Container): readonly UsedPort[] {
  const health = entrypoint.kind === 'k8s-run' ? entrypoint.options.healthPort : null;
  const declared = ports.flatMap((each): readonly UsedPort[] =>
    each.number === null || each.number === health
      ? []
      : [{ node: each.node, port: each.number, protocol: protocolOf(each.node), use: 'container port' }],
  );
  return health === null ? declared : [{ node, port: health, protocol: 'TCP', use: 'health port' }, ...declared];
}

export function protocolOf(port: ManifestNode): string {
  return textOf(field(port, 'protocol')) ?? 'TCP';
}
