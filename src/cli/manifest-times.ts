import type { Config } from '../config/config.ts';
import { shutdownPhases } from '../config/shutdown-budget.ts';
import { formatDuration } from '../duration.ts';
import type { ManifestInput } from '../manifest/manifest-input.ts';
import { START_TIME } from '../manifest/probes.ts';

/** Added to the pod's grace period beyond the shutdown budget, for a busy node. In milliseconds. */
const MARGIN = 3_000;

/** The grace period of the pod: --termination-grace-period, else the shutdown budget and a margin, in whole seconds. */
export function shutdownIn(config: Config): ManifestInput['shutdown'] {
  const { phases, reserve } = shutdownPhases(config);
  const needed = phases.reduce((sum, [, ms]) => sum + ms, reserve);
  const total = config.terminationGracePeriod ?? needed + MARGIN;
  const seconds = Math.ceil(total / 1_000);
  const left = seconds * 1_000 - needed + reserve;
  const sum = [...phases.map(([name, ms]) => `${name} ${formatDuration(ms)}`), `${formatDuration(left)} in reserve`];
  return { seconds, sum: sum.join(' + ') };
}

/** What may pass before the app is started, and the time that it has then. All of --wait-for have one limit together. */
export function startupIn({ waitFor, waitTimeout, preStart, hookTimeout }: Config): ManifestInput['startup'] {
  const before: readonly (readonly [string, number])[] = [
    ['--wait-for', waitFor.length === 0 ? 0 : waitTimeout],
    ['--pre-start', preStart === null ? 0 : hookTimeout],
  ];
  const phases = before.filter(([, ms]) => ms > 0);
  const total = phases.reduce((sum, [, ms]) => sum + ms, START_TIME * 1_000);
  const sum =
    phases.length === 0
      ? `The app has ${START_TIME} s to start`
      : [...phases.map(([name, ms]) => `${name} ${formatDuration(ms)}`), `${START_TIME}s for the app's start`].join(
          ' + ',
        );
  return { seconds: Math.ceil(total / 1_000), sum };
}
