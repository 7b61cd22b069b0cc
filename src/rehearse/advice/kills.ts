import { formatDuration } from '../../duration.ts';
import type { PodTimeline } from '../pod/pod-timeline.ts';
import type { RehearsalSettings } from '../results.ts';
import type { Advice } from './advice.ts';
import { namesOf, wasOrWere } from './phrases.ts';

/** Time in the pod's grace period beside delay and grace, in milliseconds. */
const RESERVE = 2_000;
/** A hook that sleeps 3 s is measured as 3.02 s; the difference is part of the reserve. */
const HOOK_PRECISION = 100;
/** The shortest grace that is worth advising. */
const LEAST_GRACE = 1_000;

/** What to change where an old replica was killed. */
export function adviceOnKills(deleted: readonly PodTimeline[], settings: RehearsalSettings): readonly Advice[] {
  const byK8sRun = deleted.filter(({ killed }) => killed?.by === 'k8s-run');
  const byKubelet = deleted.filter(({ killed }) => killed?.by === 'the kubelet');
  return [
    ...(byK8sRun.length > 0 ? [onK8sRun(byK8sRun, settings)] : []),
    ...(byKubelet.length > 0 ? [onKubelet(byKubelet, settings)] : []),
  ].map((text) => ({ severity: 'problem', text }));
}

function onK8sRun(pods: readonly PodTimeline[], { grace }: RehearsalSettings): string {
  const signal = pods[0]?.signal ?? 'SIGTERM';
  const killed = `${namesOf(pods)} ${wasOrWere(pods.length)} killed`;
  if (pods.some((pod) => pod.ignoresSignal === true))
    return `The app ignores ${signal}: ${killed} after ${formatDuration(grace)}. Handle the signal, or name the one that the app stops on (--stop-signal QUIT), or increase --grace if the app was still working.`;
  const longer = formatDuration(Math.max(2 * grace, LEAST_GRACE));
  return `The app was still running at the end of the grace (--grace ${formatDuration(grace)}) after ${signal}: ${killed}. Give it more time (--grace ${longer}, with terminationGracePeriodSeconds to match), or let it close its idle connections.`;
}

function onKubelet(pods: readonly PodTimeline[], settings: RehearsalSettings): string {
  const { grace, terminationGracePeriod, shutdownDelay } = settings;
  const hook = settings.hasPreStop ? Math.max(...pods.map(hookTime)) : 0;
  const before = hook + shutdownDelay;
  const parts = [
    ...(hook > 0 ? [`the preStop hook takes ${formatDuration(hook)}`] : []),
    `delay and grace take ${formatDuration(shutdownDelay + grace)}`,
  ];
  const needed = Math.ceil((before + grace + RESERVE) / 1_000);
  const left = terminationGracePeriod - before - RESERVE;
  return `The kubelet killed ${namesOf(pods)} after ${formatDuration(terminationGracePeriod)}, before the shutdown was complete: ${parts.join(', ')}. Set terminationGracePeriodSeconds to ${needed} or more${shorterInstead(left, hook, settings)}.`;
}

/** What else would help. `left`: the time that the grace could have. */
function shorterInstead(left: number, hook: number, { grace, shutdownDelay }: RehearsalSettings): string {
  if (left >= LEAST_GRACE && left < grace) return `, or set --grace ${formatDuration(left)}`;
  if (hook > 0) return ', or shorten the hook';
  return shutdownDelay > 0 ? ', or shorten --shutdown-delay' : '';
}

/** The time of the preStop hook: until k8s-run received SIGTERM, or until the kill where it never did. */
function hookTime({ deleted, terminating, signalled, killed }: PodTimeline): number {
  const over = terminating ?? signalled ?? killed?.at ?? 0;
  return Math.max(0, Math.round((over - (deleted ?? over)) / HOOK_PRECISION) * HOOK_PRECISION);
}
