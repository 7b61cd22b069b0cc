import { field, numberOf, type Spot, scalarOf, textOf } from '../document.ts';
import { type Finding, find } from '../finding.ts';
import type { Container, Workload } from '../workload.ts';
import { missingIn } from './rollout.ts';

/** Who holds which port of a node, over all that is looked at. */
export type NodePorts = Map<string, string>;

type Taken = {
  readonly spot: Spot;
  readonly port: number;
  readonly protocol: string;
  readonly address: string;
  readonly what: string;
};

export function portRules(workload: Workload, nodePorts: NodePorts): readonly Finding[] {
  return [...within(workload), ...onNode(workload, nodePorts)];
}

/** The containers of a pod share one network: two of them cannot listen on one port. */
function within({ containers }: Workload): readonly Finding[] {
  const holders = new Map<string, string>();
  return containers.flatMap((container) =>
    portsOf(container).flatMap(({ spot, port, protocol, what }) => {
      const key = `${protocol} ${port}`;
      const holder = holders.get(key);
      holders.set(key, holder ?? `${what} of ${container.name}`);
      if (holder === undefined) return [];
      const reason = `Port ${port} is ${what} of ${container.name} and ${holder}; in one pod only one of them gets it`;
      const fix = what.startsWith('the health')
        ? 'Give this one another --health-port, and ask its probes there'
        : 'Give one of them another port';
      return [find('port-conflict', spot, reason, fix)];
    }),
  );
}

function portsOf(container: Container): readonly Taken[] {
  const { supervisor, spot } = container;
  const health = supervisor.kind === 'k8s-run' ? supervisor.options.healthPort : null;
  const declared = container.ports.flatMap(({ spot: at, number }) =>
    number === null || number === health
      ? []
      : [{ spot: at, port: number, protocol: protocolOf(at), address: '', what: 'a port' }],
  );
  return health === null
    ? declared
    : [{ spot, port: health, protocol: 'TCP', address: '', what: 'the health port' }, ...declared];
}

function protocolOf(port: Spot): string {
  return textOf(field(port, 'protocol')) ?? 'TCP';
}

function onNode(workload: Workload, nodePorts: NodePorts): readonly Finding[] {
  const { kind, name, spec, pod, containers } = workload;
  const host = scalarOf(field(pod, 'hostNetwork')) === true;
  const taken = containers.flatMap((container): readonly Taken[] => [
    ...(host ? portsOf(container) : []),
    ...(host ? [] : container.ports).flatMap(({ spot: at }) => {
      const port = numberOf(field(at, 'hostPort'));
      return port === null
        ? []
        : [
            {
              spot: field(at, 'hostPort'),
              port,
              protocol: protocolOf(at),
              address: textOf(field(at, 'hostIP')) ?? '',
              what: 'hostPort',
            },
          ];
    }),
  ]);
  const found: Finding[] = [];
  const [first] = taken;
  const recreated = textOf(field(spec, 'strategy', 'type')) === 'Recreate';
  if (kind === 'Deployment' && first !== undefined && !recreated && missingIn(workload) === 0) {
    const reason = `Each pod of ${name} takes port ${first.port} of its node, so the new pod of an update waits for a node without an old one; with as many replicas as nodes it waits for ever`;
    found.push(
      find(
        'host-port',
        first.spot,
        reason,
        'Leave hostPort (hostNetwork) out and use a Service, or make it a DaemonSet',
      ),
    );
  }
  const own = `${kind} ${name}`;
  for (const { spot, port, protocol, address } of taken) {
    const key = `${protocol} ${address} ${port}`;
    const holder = nodePorts.get(key);
    if (holder === undefined) nodePorts.set(key, own);
    else if (holder !== own)
      found.push(
        find(
          'host-port',
          spot,
          `Port ${port} of the node is wanted by ${own} and by ${holder}: on one node only one of them runs`,
          'Give one of them another port',
        ),
      );
  }
  return found;
}
