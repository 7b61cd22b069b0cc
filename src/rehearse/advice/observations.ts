import { formatDuration } from '../../duration.ts';
import type { RehearsalSettings, VariantResult } from '../results.ts';
import { countEach } from '../summary.ts';
import type { Advice } from './advice.ts';

/** The exit codes of an app that was stopped: in order, and by SIGTERM. */
const EXPECTED_CODES: ReadonlySet<number> = new Set([0, 143]);

/** What lost nothing, and is worth knowing. */
export function observationsOn({ pods }: VariantResult, settings: RehearsalSettings): readonly Advice[] {
  const leftovers = countEach(pods.flatMap((pod) => pod.leftovers));
  const codes = countEach(
    pods.flatMap(({ deleted, exitCode, killed }) =>
      deleted === null || killed !== null || exitCode === null || EXPECTED_CODES.has(exitCode) ? [] : [exitCode],
    ),
  );
  const texts = [
    ...(leftovers.length > 0 ? [onLeftovers(leftovers)] : []),
    ...(settings.hasPreStop && settings.shutdownDelay > 0 ? [onPreStop(settings)] : []),
    ...codes.map(([code]) => onExitCode(code)),
    ...countEach(pods.flatMap(({ warnings }) => warnings)).map(([warning]) => `k8s-run warned: ${warning}`),
  ];
  return texts.map((text) => ({ severity: 'note', text }));
}

function onLeftovers(programs: readonly (readonly [program: string, count: number])[]): string {
  const list = programs.map(([program, count]) => (count > 1 ? `${program} (${count} times)` : program));
  return `The app left processes behind, which k8s-run ended: ${list.join(', ')}. Let the app wait for the processes that it starts.`;
}

const onPreStop = ({ shutdownDelay }: RehearsalSettings): string =>
  `The preStop hook runs before the delay of ${formatDuration(shutdownDelay)}. If the hook only sleeps, remove it, or set --shutdown-delay 0s.`;

const onExitCode = (code: number): string =>
  `The app exited with code ${code} after the stop signal. A Deployment ignores the code. If something else counts it as an error, add --remap-exit ${code}:0.`;
