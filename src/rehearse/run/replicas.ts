import type { PodOperations } from '../deployment.ts';
import { terminateContainer } from '../kubelet.ts';
import { AppFailed, notStarted } from '../pod/app-failure.ts';
import { type Pod, startPod } from '../pod/pod.ts';
import { podProbes } from '../pod/pod-probes.ts';
import type { PodTimeline } from '../pod/pod-timeline.ts';
import { watchPod } from '../pod/watch-pod.ts';
import type { AppFailure } from '../results.ts';
import type { System } from '../system.ts';
import type { RunPlan } from './run-plan.ts';

/** The run that replicas belong to. */
export type RunContext = {
  /** Milliseconds since the run began. */
  readonly now: () => number;
  readonly isOver: () => boolean;
  /** `about`: the name of a pod. */
  readonly happened: (about: string, what: string) => void;
  readonly onFailure: (failure: AppFailure) => void;
};

export type Replicas = PodOperations<Pod, void> & {
  /** One for each pod that was started, in that order. */
  readonly timelines: readonly PodTimeline[];
};

/** Starts, watches and terminates the replicas of one run. */
export function openReplicas(plan: RunPlan, run: RunContext, system: System): Replicas {
  const { variant, settings } = plan;
  const { now, isOver, happened } = run;
  const timelines: PodTimeline[] = [];
  const pods: Pod[] = [];
  const starts: Promise<unknown>[] = [];
  let count = 0;
  return {
    timelines,
    async start() {
      if (isOver()) throw new Error('cancelled');
      count += 1;
      const name = `web-${count}`;
      const port = await plan.nextPort();
      if (isOver()) throw new Error('cancelled');
      const { inPidNamespace } = plan;
      const [command, environment] = [plan.command(port), plan.environment(port)];
      const start = startPod({ variant, name, port, command, inPidNamespace, environment, now, happened }, system);
      starts.push(start);
      const pod = await start;
      if ('detail' in pod) throw new AppFailed(notStarted(pod.detail));
      pods.push(pod);
      if (isOver()) pod.kill();
      timelines.push(pod.timeline);
      happened(name, 'starting');
      return pod;
    },
    watch(pod, onReadiness) {
      const probes = podProbes(pod, { ...plan.probes, variant }, plan.environment(pod.port), system);
      const { onFailure } = run;
      const { readyWithin } = plan;
      return watchPod(pod, { probes, readyWithin, now, isRunOver: isOver, onReadiness, onFailure }, system);
    },
    async terminate(pod) {
      pod.timeline.deleted = now();
      happened(pod.name, 'deleted; the kubelet and the Service learn of it at the same time');
      await terminateContainer({
        grace: settings.terminationGracePeriod,
        preStop: (cancelled) => plan.preStop(pod, cancelled),
        terminate: pod.terminate,
        kill() {
          pod.timeline.killed = { at: now(), by: 'the kubelet' };
          happened(pod.name, 'killed by the kubelet at the end of the grace period');
          pod.kill();
        },
        exited: pod.exited,
      });
    },
    async killAll() {
      // A pod that is being started is not in the list yet.
      await Promise.allSettled(starts);
      for (const pod of pods) pod.kill();
      await Promise.all(pods.map(({ exited }) => exited));
    },
  };
}
