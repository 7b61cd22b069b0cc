import type { Config, ConfigMistake } from './config.ts';
import type { HealthCheck } from './health-check.ts';
import type { OptionKey } from './options/table.ts';
import { describeProbe, type ProbeSpec, probePortOf } from './probe-spec.ts';

/**
 * Probes that would ask k8s-run itself, which answers what they say: the one in the pod's manifest was pasted, and not the
 * app's own.
 */
export function selfProbes(
  { healthPort, ...values }: Partial<Config>,
  checks: readonly HealthCheck[],
  sources: Readonly<Partial<Record<OptionKey, string>>>,
): readonly ConfigMistake[] {
  const main = (['ready', 'live', 'startup'] as const).map((key) => ({ probe: values[key], source: sources[key] }));
  return [...main, ...checks].flatMap(({ probe, source }) =>
    probe && asks(probe, healthPort)
      ? [
          {
            kind: 'value' as const,
            text: `cannot use ${source} ${describeProbe(probe)}: port ${healthPort} is the health port of k8s-run itself; name the app's own`,
          },
        ]
      : [],
  );
}

function asks(probe: ProbeSpec, port: Config['healthPort'] | undefined): boolean {
  return 'host' in probe && isHere(probe.host) && probePortOf(probe) === port;
}

function isHere(host: string): boolean {
  return host === 'loopback' || host === 'localhost' || host === '::1' || host.startsWith('127.');
}
