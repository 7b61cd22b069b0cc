import { formatDuration } from '../../duration.ts';
import type { PodTimeline } from '../pod/pod-timeline.ts';
import type { RehearsalSettings, VariantResult } from '../results.ts';
import { countEach, wasLoaded } from '../summary.ts';
import type { Advice } from './advice.ts';
import { failuresByCause } from './failure-cause.ts';
import { countedSentence } from './phrases.ts';
import { onAbruptStops } from './stops.ts';

/** The exit codes of an app that was stopped: in order, and by SIGTERM. */
const EXPECTED_CODES: ReadonlySet<number> = new Set([0, 143]);

/** What lost nothing, and is worth knowing. */
export function observationsOn(run: VariantResult, settings: RehearsalSettings): readonly Advice[] {
  const { pods } = run;
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
    ...onWarnings(pods),
    ...(wasLoaded(run) ? onCounted(run) : [onAbruptStops(pods.filter(({ deleted }) => deleted !== null))]),
  ];
  return texts.filter((text) => text !== '').map((text) => ({ severity: 'note', text }));
}

/** Replicas warn in the same words, with pids and ports of their own. */
function onWarnings(pods: readonly PodTimeline[]): readonly string[] {
  const all = pods.flatMap(({ name, warnings }) => warnings.map((text) => ({ name, text })));
  const alike = Map.groupBy(all, ({ text }) => text.replace(/\d+/g, '0'));
  return [...alike.values()].map((group) => {
    const replicas = new Set(group.map(({ name }) => name)).size;
    return `k8s-run warned${replicas > 1 ? ` at ${replicas} replicas` : ''}: ${group[0]?.text}`;
  });
}

/** Requests that were in flight by the count of k8s-run, but that no client of the rehearsal missed. */
function onCounted(run: VariantResult): readonly string[] {
  const counted = countedSentence(run.pods);
  if (counted === '' || failuresByCause(run).cut.length > 0) return [];
  return [`${counted} No client of this rehearsal saw one of its own cut at that moment.`];
}

function onLeftovers(programs: readonly (readonly [program: string, count: number])[]): string {
  const list = programs.map(([program, count]) => (count > 1 ? `${program} (${count} times)` : program));
  return `The app left processes behind, which k8s-run ended: ${list.join(', ')}. Let the app wait for the processes that it starts.`;
}

const onPreStop = ({ shutdownDelay }: RehearsalSettings): string =>
  `The preStop hook runs before the delay of ${formatDuration(shutdownDelay)}. If the hook only sleeps, remove it, or set --shutdown-delay 0s.`;

const onExitCode = (code: number): string =>
  `The app exited with code ${code} after the stop signal. A Deployment ignores the code. If something else counts it as an error, add --remap-exit ${code}:0.`;
