import { clock } from '../../clock.ts';
import { type ContainerProbes, probeContainer } from '../kubelet.ts';
import type { AppFailure } from '../results.ts';
import type { System } from '../system.ts';
import { AppFailed, exitedByItself, neverReady, restartDue } from './app-failure.ts';
import type { Pod } from './pod.ts';
import { findProbeFailure } from './probe-failure.ts';

export type PodWatch = {
  readonly probes: ContainerProbes;
  /** Milliseconds until a pod that is not ready counts as failed. */
  readonly readyWithin: number;
  readonly now: () => number;
  /** Whether the run is over: then no exit is a failure. */
  readonly isRunOver: () => boolean;
  readonly onReadiness: (ready: boolean) => void;
  /** Called for every failure, also after the pod was ready. */
  readonly onFailure: (failure: AppFailure) => void;
};

/**
 * Has the kubelet probe a pod until it exits. Resolves when the pod is first ready; rejects with AppFailed when it cannot be.
 */
export function watchPod(pod: Pod, watch: PodWatch, system: System): Promise<void> {
  const { probes, readyWithin, now, isRunOver, onReadiness } = watch;
  const { timeline } = pod;
  const over = new AbortController();
  return new Promise((resolve, reject) => {
    const fail = (failure: AppFailure): void => {
      over.abort();
      reject(new AppFailed(failure));
      watch.onFailure(failure);
    };
    const cancelLimit = clock.after(readyWithin, () => {
      const app = pod.appPid();
      const listening = app === null ? null : system.listeningPorts(app);
      findProbeFailure(pod, system)
        .then((failure) => fail(neverReady(pod, readyWithin, listening, failure)))
        .catch(reject);
    });
    pod.exited
      .then(() => {
        cancelLimit();
        over.abort();
        if (timeline.deleted === null && !isRunOver()) fail(exitedByItself(pod, now()));
      })
      .catch(reject);
    let ready = false;
    probeContainer(probes, over.signal, (health) => {
      if (!health.live && timeline.deleted === null && timeline.restartDue === null) {
        timeline.restartDue = now();
        fail(restartDue(pod));
      }
      if (health.ready === ready) return;
      ready = health.ready;
      cancelLimit();
      if (ready) timeline.ready ??= now();
      onReadiness(ready);
      resolve();
    });
  });
}
