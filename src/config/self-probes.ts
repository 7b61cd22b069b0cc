import type { Config, ConfigMistake, ResolvedConfig } from './config.ts';
import type { HealthCheck } from './health-check.ts';
import { describeProbe, networkProbe, type ProbeSpec, probePortOf } from './probe-spec.ts';

/**
 * Mistakes for probes of k8s-run's own health port, whose answer depends on them: the probe was copied from the pod's manifest
 * instead of naming the app's own port.
 */
export function selfProbes(
  { healthPort, ...values }: Partial<Config>,
  checks: readonly HealthCheck[],
  { sources, places }: Pick<ResolvedConfig, 'sources' | 'places'>,
): readonly ConfigMistake[] {
  const main = (['ready', 'live', 'startup'] as const).map((key) => ({
    probe: values[key],
    source: sources[key],
    place: places[key],
  }));
  return [...main, ...checks].flatMap(({ probe, source, place }) =>
    probe && probesPort(probe, healthPort)
      ? [
          {
            kind: 'value' as const,
            text: `cannot use ${source} ${describeProbe(probe)}: port ${healthPort} is the health port of k8s-run itself; name the app's own port`,
            ...(place && { place }),
          },
        ]
      : [],
  );
}

function probesPort(probe: ProbeSpec, port: Config['healthPort'] | undefined): boolean {
  const host = networkProbe(probe)?.host ?? null;
  return host !== null && isThisHost(host) && probePortOf(probe) === port;
}

function isThisHost(host: string): boolean {
  return host === 'loopback' || host === 'localhost' || host === '::1' || host.startsWith('127.');
}
