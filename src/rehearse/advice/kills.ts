import { formatDuration } from '../../duration.ts';
import { spanRange } from '../labels.ts';
import type { PodTimeline } from '../pod/pod-timeline.ts';
import type { RehearsalSettings } from '../results.ts';
import type { Advice } from './advice.ts';
import { type AlikePods, byBehaviour, reaction } from './handling.ts';
import { namesOf, wasOrWere } from './phrases.ts';

/** Time in the pod's grace period beside delay and grace, in milliseconds. */
const RESERVE = 2_000;
/** A hook that sleeps 3 s is measured as 3.02 s; the difference is part of the reserve. */
const HOOK_PRECISION = 100;
/** The shortest grace that is worth advising. */
const LEAST_GRACE = 1_000;
/** The share of the grace from which on the app had all of it; timers are late on a busy machine. */
const WHOLE = 0.9;

/** What to change where an old replica was killed. */
export function adviceOnKills(deleted: readonly PodTimeline[], settings: RehearsalSettings): readonly Advice[] {
  const byK8sRun = deleted.filter(({ killed }) => killed?.by === 'k8s-run');
  const byKubelet = deleted.filter(({ killed }) => killed?.by === 'the kubelet');
  return [
    ...byBehaviour(byK8sRun).map((alike) => onK8sRun(alike, settings)),
    ...(byKubelet.length > 0 ? [onKubelet(byKubelet, settings)] : []),
  ].map((text) => ({ severity: 'problem', text }));
}

function onK8sRun(alike: AlikePods, { grace }: RehearsalSettings): string {
  const { pods } = alike;
  const signal = pods[0]?.signal ?? 'SIGTERM';
  const killed = `${namesOf(pods)} ${wasOrWere(pods.length)} killed ${afterWhat(pods, grace)}`;
  return `${reaction(alike, signal, false)}: ${killed}. ${remedyAfter(alike, signal, grace)}`;
}

/** How long the app had, which is less than the grace where k8s-run waited for requests in flight before. */
function afterWhat(pods: readonly PodTimeline[], grace: number): string {
  const had = pods.map(({ signalled, killed }) => (killed?.at ?? 0) - (signalled ?? 0));
  const [least, most] = [Math.min(...had), Math.max(...had)];
  if (least > grace * WHOLE) return `after ${formatDuration(grace)}`;
  return `${spanRange(least, most)} after it, because the wait for requests in flight is a part of --grace ${formatDuration(grace)}`;
}

function remedyAfter({ handling, keptListening }: AlikePods, signal: string, grace: number): string {
  const longer = `--grace ${formatDuration(Math.max(2 * grace, LEAST_GRACE))}`;
  if (handling === 'ignored')
    return 'Handle the signal, or name the one that the app stops on (--stop-signal QUIT), or increase --grace if the app was still working.';
  if (keptListening)
    return `If ${signal} means something else to the app, such as a reload, name the signal that it stops on (--stop-signal QUIT). Otherwise let its handler stop accepting, finish and exit, and give it more time (${longer}) if it needs that.`;
  return `Give it more time (${longer}, with terminationGracePeriodSeconds to match), or let it close its idle connections.`;
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
