import { bracketed, type NetworkProbeSpec, networkProbe, type ProbeSpec, probePortOf } from '../config/probe-spec.ts';

/** The probes of a replica's k8s-run, by their flag; null: not set. */
export type ReplicaProbes = Readonly<Record<'ready' | 'live' | 'startup', ProbeSpec | null>>;

/** The ports of the app that the probes name. On this machine each replica has another port. */
export function appPortsOf(probes: ReplicaProbes): ReadonlySet<number> {
  return new Set(Object.values(probes).flatMap((spec) => (spec === null ? [] : (appPort(spec) ?? []))));
}

/** Whether a flag can say the same with another port: it has no place for the headers and the timing of a stanza. */
export const canChangePort = (spec: ProbeSpec): boolean =>
  appPort(spec) === null || (spec.timing === undefined && (spec.kind !== 'http' || spec.headers.length === 0));

/** The flags that send the probes of the port `from` to the replica's port `to` instead. */
export function flagsForPort(to: number, from: number, probes: ReplicaProbes): readonly string[] {
  return Object.entries(probes).flatMap(([flag, spec]) =>
    spec === null || appPort(spec) !== from ? [] : [`--${flag}=${flagValue(spec, to)}`],
  );
}

/** The same probe at another port. */
export function atPort(spec: NetworkProbeSpec, port: number): NetworkProbeSpec {
  switch (spec.kind) {
    case 'http': {
      const url = new URL(spec.url);
      url.port = String(port);
      return { ...spec, url };
    }
    case 'tcp':
    case 'grpc':
      return { ...spec, port };
  }
}

/** null: it does not probe a port of the app on this machine. */
function appPort(spec: ProbeSpec): number | null {
  return networkProbe(spec)?.host === 'loopback' ? probePortOf(spec) : null;
}

function flagValue(spec: ProbeSpec, port: number): string {
  switch (spec.kind) {
    case 'http':
      return `${spec.h2c === true ? 'h2c:' : spec.url.protocol}//:${port}${spec.url.pathname}${spec.url.search}`;
    case 'tcp':
      return `tcp://:${port}`;
    case 'grpc':
      return `${spec.tls === true ? 'grpcs' : 'grpc'}://${spec.host === 'loopback' ? '' : bracketed(spec.host)}:${port}${spec.service === '' ? '' : `/${spec.service}`}`;
    case 'auto':
    case 'process':
    case 'none':
    case 'exec':
    case 'file':
      return spec.kind;
  }
}
