import { clock } from '../../clock.ts';
import { openBalancer } from '../balancer.ts';
import { deploy, type PodOperations } from '../deployment.ts';
import { AppFailed } from '../pod/app-failure.ts';
import type { Pod } from '../pod/pod.ts';
import { probePeriodOf } from '../pod/pod-probes.ts';
import type { PodTimeline } from '../pod/pod-timeline.ts';
import { randomOf } from '../random.ts';
import type { AppFailure, Interval, RequestSample, Variant, VariantResult } from '../results.ts';
import { routes } from '../routes.ts';
import { sleep } from '../sleep.ts';
import type { System } from '../system.ts';
import { openReplicas } from './replicas.ts';
import { openRunLoad } from './run-load.ts';
import type { RunPlan } from './run-plan.ts';

/** A run as it goes on. */
export type RunProgress = {
  readonly variant: Variant;
  /** Milliseconds since the run began; stands still at its end. */
  readonly now: () => number;
  readonly pods: () => readonly PodTimeline[];
  readonly samples: () => readonly RequestSample[];
  readonly phase: () => string;
};

export type RunObserver = {
  readonly runStarted: (run: RunProgress) => void;
  /** `about`: the name of a pod, or `load` or `rollout`. */
  readonly happened: (variant: Variant, at: number, about: string, what: string) => void;
};

/** Milliseconds by which the load stops before the last node knows of a deletion. */
const MARGIN = 30;

/**
 * Runs the rollouts of one variant to their end. Rejects when `cancelled` fires. When it settles, none of its pods runs any
 * more.
 */
export async function runVariant(
  plan: RunPlan,
  system: System,
  observer: RunObserver,
  cancelled: AbortSignal,
): Promise<VariantResult> {
  const { variant, settings, surge } = plan;
  const begun = clock.now();
  const now = (): number => clock.now() - begun;
  const rollouts: Interval[] = [];
  let over = false;
  let phase = 'starting';
  let took: number | null = null;
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});
  const cancel = (): void => failed.reject(new Error('cancelled'));
  if (cancelled.aborted) cancel();
  cancelled.addEventListener('abort', cancel, { once: true });
  const happened = (about: string, what: string): void => {
    if (!over) observer.happened(variant, now(), about, what);
  };

  const load = openRunLoad(plan, now);
  const onFailure = (failure: AppFailure): void => failed.reject(new AppFailed(failure));
  const replicas = openReplicas(plan, { now, isOver: () => over, happened, onFailure }, system);
  let pods = replicas.timelines;
  observer.runStarted({
    ...{ variant, now: () => took ?? now(), pods: () => pods, samples: () => load.samples, phase: () => phase },
  });
  const known = routes<Pod>({
    nodes: surge === 1 ? settings.nodes : 1,
    lag: [0, settings.lag],
    random: randomOf(`${settings.seed} routes`),
  });
  const balancer = await openBalancer<Pod>(() => known.pick(clock.now()), load.onRouted);
  const operations: PodOperations<Pod, void> = {
    ...replicas,
    onRouted(pod, at) {
      if (surge === 0) clock.after(Math.max(0, at - clock.now()), load.resume);
      happened(pod.name, 'ready');
    },
    onUnrouted(pod, at) {
      pod.timeline.unrouted = at - begun;
      if (surge === 0) clock.after(Math.max(0, at - clock.now() - MARGIN), load.suspend);
    },
  };

  const rollOutAll = async (): Promise<void> => {
    await using deployment = await deploy(known, { replicas: settings.replicas, surge }, operations);
    const loadBegun = now();
    if (plan.loaded) {
      happened('load', `${settings.rate} requests per second from now on`);
      load.start({ port: balancer.port, agent: `k8s-run-rehearse/${system.version}` });
    }
    phase = 'steady';
    await sleep(plan.settle);
    for (let turn = 1; turn <= settings.rollouts; turn += 1) {
      const from = now();
      phase = `rollout ${turn} of ${settings.rollouts}`;
      happened('rollout', `${turn} of ${settings.rollouts} starts`);
      await deployment.rollOut();
      rollouts.push({ from, to: now() });
      phase = 'steady';
      happened('rollout', 'done: every old pod has exited, and every node knows');
      await sleep(plan.settle);
    }
    await sleep(Math.max(0, plan.duration - (now() - loadBegun)));
    phase = 'ending';
    await load.stop();
    over = true;
    // The end of the pods that still serve is not part of the run.
    pods = structuredClone(replicas.timelines);
  };

  let appFailure: AppFailure | null = null;
  try {
    const all = rollOutAll();
    all.catch(() => {});
    await Promise.race([all, failed.promise]);
  } catch (error) {
    if (!(error instanceof AppFailed)) throw error;
    appFailure = error.failure;
  } finally {
    took = now();
    over = true;
    cancelled.removeEventListener('abort', cancel);
    load.abort();
    if (pods === replicas.timelines) pods = structuredClone(replicas.timelines);
    await replicas.killAll();
    await balancer[Symbol.asyncDispose]();
  }
  const probePeriod = probePeriodOf({ ...plan.probes, variant });
  return { variant, took, pods, load: load.result(), rollouts, probePeriod, appFailure };
}
