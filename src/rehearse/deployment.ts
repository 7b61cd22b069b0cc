import { clock } from '../clock.ts';
import type { Endpoint, Routes } from './routes.ts';
import { sleep } from './sleep.ts';

/** What a Deployment does with its pods. */
export type PodOperations<P extends Endpoint, T> = {
  readonly start: () => Promise<P>;
  /**
   * Calls `onReadiness` for each change of the pod's readiness. Resolves when it is first ready; rejects when it cannot become
   * ready, or exits before.
   */
  readonly watch: (pod: P, onReadiness: (ready: boolean) => void) => Promise<void>;
  /** Terminates a pod as the kubelet does; resolves when it has exited. */
  readonly terminate: (pod: P) => Promise<T>;
  /** A pod became ready; from the time `at` on every node routes to it. */
  readonly onRouted?: (pod: P, at: number) => void;
  /** A pod was deleted; from the time `at` on no node routes to it. */
  readonly onUnrouted?: (pod: P, at: number) => void;
  /** Kills all pods that are left; resolves when they have exited. */
  readonly killAll: () => Promise<void>;
};

/** The times of one rollout, in milliseconds. */
export type Rollout<T> = {
  /** Until the last new pod was ready. */
  readonly untilReady: number;
  /** Until the last old pod had exited. */
  readonly took: number;
  /** Of the old pods. */
  readonly terminations: readonly T[];
};

/**
 * A Deployment and its ReplicaSets. With `surge` 1 a new pod is ready before an old one is deleted (maxUnavailable 0). With 0
 * the old one is deleted first, so there are never more pods than wanted. A rollout resolves when the old pods have exited and
 * every node knows.
 */
export type Deployment<T> = AsyncDisposable & { readonly rollOut: () => Promise<Rollout<T>> };

export type DeploymentSize = { readonly replicas: number; readonly surge: 0 | 1 };

/** Starts the replicas; resolves when every node routes to each of them. */
export async function deploy<P extends Endpoint, T>(
  routes: Routes<P>,
  { replicas, surge }: DeploymentSize,
  operations: PodOperations<P, T>,
): Promise<Deployment<T>> {
  let pods: readonly P[] = [];
  const deleted = new Set<P>();
  /** Resolves when the pod is first ready, with the time from which every node routes to it. */
  const add = async (): Promise<{ readonly pod: P; readonly routedAt: number }> => {
    const pod = await operations.start();
    let routedAt = 0;
    await operations.watch(pod, (ready) => {
      // The readiness of a deleted pod does not count any more.
      if (!deleted.has(pod)) routedAt = routes.change(pod, ready ? 'serving' : 'leaving', clock.now());
      if (ready) operations.onRouted?.(pod, routedAt);
    });
    return { pod, routedAt };
  };
  /** The kubelet and the Service learn of the deletion at the same instant, and neither waits for the other. */
  const remove = (pod: P): { readonly terminated: Promise<T>; readonly unroutedAt: number } => {
    deleted.add(pod);
    const unroutedAt = routes.change(pod, 'leaving', clock.now());
    operations.onUnrouted?.(pod, unroutedAt);
    return { terminated: operations.terminate(pod), unroutedAt };
  };

  try {
    const first = await Promise.all(Array.from({ length: replicas }, add));
    pods = first.map(({ pod }) => pod);
    await until(Math.max(...first.map(({ routedAt }) => routedAt)));
  } catch (error) {
    await operations.killAll();
    throw error;
  }
  return {
    async rollOut() {
      const begun = clock.now();
      const terminating: Promise<T>[] = [];
      const added: P[] = [];
      let knownAt = 0;
      for (const old of pods) {
        if (surge === 1) added.push((await add()).pod);
        const { terminated, unroutedAt } = remove(old);
        knownAt = Math.max(knownAt, unroutedAt);
        terminating.push(terminated);
        terminated.catch(() => {});
        if (surge === 1) continue;
        await terminated;
        const { pod, routedAt } = await add();
        added.push(pod);
        knownAt = Math.max(knownAt, routedAt);
      }
      pods = added;
      const untilReady = clock.now() - begun;
      const terminations = await Promise.all(terminating);
      const took = clock.now() - begun;
      await until(knownAt);
      return { untilReady, took, terminations };
    },
    [Symbol.asyncDispose]: operations.killAll,
  };
}

async function until(time: number): Promise<void> {
  await sleep(Math.max(0, time - clock.now()));
}
