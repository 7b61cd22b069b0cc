import { formatDuration } from '../duration.ts';
import type { Advice } from './advice.ts';
import type { Circumstances, Story } from './facts.ts';

/** What the kubelet keeps beside pause and grace, in milliseconds. */
const RESERVE = 2_000;
/** A hook that sleeps 3 s is measured as 3.02 s; the reserve is for that. */
const EXACTNESS = 100;
/** A shorter grace is none that anybody wants. */
const LEAST_GRACE = 1_000;

/** What is to be done where an old replica did not end by itself. */
export function onKills(old: readonly Story[], circumstances: Circumstances): readonly Advice[] {
  const ours = old.filter(({ killed }) => killed?.by === 'k8s-run');
  const kubelets = old.filter(({ killed }) => killed?.by === 'the kubelet');
  return [
    ...(ours.length > 0 ? [byUs(ours, circumstances)] : []),
    ...(kubelets.length > 0 ? [byKubelet(kubelets, circumstances)] : []),
  ];
}

function byUs(pods: readonly Story[], { grace }: Circumstances): Advice {
  const signal = pods[0]?.signal ?? 'SIGTERM';
  const longer = formatDuration(Math.max(2 * grace, 1_000));
  const text = pods.some((pod) => pod.deaf === true)
    ? `The app ignores ${signal}: ${names(pods)} ${was(pods)} killed after ${formatDuration(grace)}. Handle the signal, or name the one that it listens to (--stop-signal QUIT), or give --grace more if it still had work in hand.`
    : `The app was still busy ${formatDuration(grace)} after ${signal}: ${names(pods)} ${was(pods)} killed. Give it more time (--grace ${longer}, with terminationGracePeriodSeconds to match), or let it close its idle connections.`;
  return { weight: 'bad', text };
}

function byKubelet(pods: readonly Story[], circumstances: Circumstances): Advice {
  const { grace, terminationGracePeriod, shutdownDelay, drainConnections } = circumstances;
  const hook = circumstances.preStop ? Math.max(...pods.map(hookOf)) : 0;
  const before = hook + shutdownDelay + drainConnections;
  const parts = [
    ...(hook > 0 ? [`the preStop hook takes ${formatDuration(hook)}`] : []),
    `pause and grace take ${formatDuration(shutdownDelay + drainConnections + grace)}`,
  ];
  const needed = Math.ceil((before + grace + RESERVE) / 1_000);
  const left = terminationGracePeriod - before - RESERVE;
  const shorter =
    left >= LEAST_GRACE && left < grace
      ? `, or give --grace ${formatDuration(left)}`
      : hook > 0
        ? ', or shorten the hook'
        : shutdownDelay > 0
          ? ', or give --shutdown-delay less'
          : '';
  return {
    weight: 'bad',
    text: `The kubelet killed ${names(pods)} after ${formatDuration(terminationGracePeriod)}, in the middle of it: ${parts.join(', ')}. Set terminationGracePeriodSeconds to ${needed} or more${shorter}.`,
  };
}

/** How long the preStop hook took, which is over when k8s-run first hears of the end; at the least where it never did. */
function hookOf({ deleted, draining, signalled, killed }: Story): number {
  const over = draining ?? signalled ?? killed?.at ?? 0;
  return Math.max(0, Math.round((over - (deleted ?? over)) / EXACTNESS) * EXACTNESS);
}

export const names = (pods: readonly Story[]): string => pods.map(({ name }) => name).join(' and ');
export const was = (pods: readonly Story[]): string => (pods.length === 1 ? 'was' : 'were');
