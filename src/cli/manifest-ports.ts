import type { Config } from '../config/config.ts';
import { type ProbeSpec, probePortOf } from '../config/probe-spec.ts';
import type { AppPort } from '../manifest/manifest-input.ts';
import type { ManifestOptions } from './manifest-options.ts';

/** The name that a port has by the probe of the app at it. */
function nameFor(ready: ProbeSpec): string {
  switch (ready.kind) {
    case 'http':
      return ready.h2c === true ? 'http2' : ready.url.protocol === 'https:' ? 'https' : 'http';
    case 'grpc':
      return ready.tls === true ? 'grpcs' : 'grpc';
    case 'tcp':
      return 'tcp';
    case 'auto':
    case 'process':
    case 'none':
    case 'exec':
    case 'file':
      return 'http';
  }
}

/**
 * The ports of --port; else that of the readiness probe; else, if that needs no port, none. `mayAssume`: an app of which nothing is
 * said gets one all the same.
 */
export function appPorts({ ports }: ManifestOptions, { ready }: Config, mayAssume: boolean): readonly AppPort[] {
  const probed = probePortOf(ready);
  if (ports.length > 0) {
    const names = new Set(ports.flatMap((port) => (port === 'none' ? [] : (port.name ?? []))));
    return ports.flatMap((port) => {
      if (port === 'none') return [];
      const byProbe = port.number === probed ? nameFor(ready) : 'http';
      const name = port.name ?? (names.has(byProbe) ? `${byProbe}-${port.number}` : byProbe);
      names.add(name);
      return [{ name, number: port.number, assumed: false }];
    });
  }
  if (probed !== null) return [{ name: nameFor(ready), number: probed, assumed: false }];
  return ready.kind === 'auto' && mayAssume ? [{ name: 'http', number: 8080, assumed: true }] : [];
}
