import type { AppPort, ManifestInput } from './manifest-input.ts';
import { withComment, type YamlFields } from './yaml-writer.ts';

/** What a Service says of a port whose name is a protocol or begins with one, as in `grpc-admin`; meshes read the names, too. */
type Protocol = {
  /** The port of the Service; else that of the app. */
  readonly usual?: number;
  readonly appProtocol?: string;
  readonly transport?: 'UDP';
};

const PROTOCOLS: Readonly<Record<string, Protocol>> = {
  http: { usual: 80 },
  https: { usual: 443, appProtocol: 'https' },
  http2: { appProtocol: 'kubernetes.io/h2c' },
  h2c: { appProtocol: 'kubernetes.io/h2c' },
  grpc: { appProtocol: 'kubernetes.io/h2c' },
  // HTTP/2 over TLS.
  grpcs: { appProtocol: 'https' },
  ws: { appProtocol: 'kubernetes.io/ws' },
  wss: { appProtocol: 'kubernetes.io/wss' },
  udp: { transport: 'UDP' },
};

/** A Service and a NetworkPolicy take TCP where nothing is said. */
export function transportOf({ name }: AppPort): 'UDP' | undefined {
  return protocolOf(name).transport;
}

function protocolOf(name: string): Protocol {
  return PROTOCOLS[/^[a-z0-9]*/.exec(name)?.[0] ?? ''] ?? {};
}

/** The ports of the container. `health`: false where nothing comes to the health port from outside. */
export function containerPorts({ ports, health }: ManifestInput): readonly YamlFields[] {
  return [
    ...ports.map((port) => ({
      name: port.name,
      containerPort: port.assumed ? withComment('Assumed; set it with --port.', port.number) : port.number,
      protocol: transportOf(port),
    })),
    { name: 'health', containerPort: health.port },
  ];
}

export function servicePorts(ports: readonly AppPort[]): readonly YamlFields[] {
  return ports.map((port) => ({
    name: port.name,
    port: servicePort(port, ports),
    targetPort: port.name,
    protocol: transportOf(port),
    appProtocol: protocolOf(port.name).appProtocol,
  }));
}

/** The usual port of the protocol, for the first port that has it, unless the app has another one there. */
function servicePort(port: AppPort, all: readonly AppPort[]): number {
  const { usual } = protocolOf(port.name);
  const first = all.find(({ name }) => usual !== undefined && protocolOf(name).usual === usual);
  return usual !== undefined && first === port && all.every((each) => each.number !== usual) ? usual : port.number;
}
