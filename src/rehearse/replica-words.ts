import { bracketed, type ProbeSpec, probePortOf } from '../config/probe-spec.ts';

/** The probes that a replica's k8s-run is given, by the flag of each; null where it was not. */
export type GivenProbes = Readonly<Record<'ready' | 'live' | 'startup', ProbeSpec | null>>;

/** The ports of the app that probes name: on this machine each replica has another one. */
export function portsNamedBy(probes: GivenProbes): ReadonlySet<number> {
  return new Set(Object.values(probes).flatMap((spec) => (spec === null ? [] : (portOf(spec) ?? []))));
}

/** What headers and numbers a stanza has cannot be said in a flag, so its port cannot be changed. */
export const isMovable = (spec: ProbeSpec): boolean =>
  portOf(spec) === null || (spec.timing === undefined && (spec.kind !== 'http' || spec.headers.length === 0));

/** The flags that send these probes to the replica's own port instead of the one that they name. */
export function movedTo(port: number, from: number, probes: GivenProbes): readonly string[] {
  return Object.entries(probes).flatMap(([flag, spec]) =>
    spec === null || portOf(spec) !== from ? [] : [`--${flag}=${written(spec, port)}`],
  );
}

/** Of a probe of the app on this machine; null for any other. */
function portOf(spec: ProbeSpec): number | null {
  return 'host' in spec && spec.host === 'loopback' ? probePortOf(spec) : null;
}

function written(spec: ProbeSpec, port: number): string {
  switch (spec.kind) {
    case 'http':
      return `${spec.url.protocol}//:${port}${spec.url.pathname}${spec.url.search}`;
    case 'tcp':
      return `tcp://:${port}`;
    case 'grpc':
      return `grpc://${spec.host === 'loopback' ? '' : bracketed(spec.host)}:${port}${spec.service === '' ? '' : `/${spec.service}`}`;
    case 'auto':
    case 'process':
    case 'none':
    case 'exec':
    case 'file':
      return spec.kind;
  }
}
