import { clock } from '../clock.ts';
import type { Endpoint, Routes } from './routes.ts';
import { sleep } from './sleep.ts';

/** What a Deployment needs of those who run its pods. */
export type Staff<P extends Endpoint, T> = {
  readonly start: () => Promise<P>;
  /** Tells each change of its readiness until it is over; rejects when it cannot become ready, or ends before it is. */
  readonly serve: (pod: P, told: (ready: boolean) => void) => Promise<void>;
  /** Ends it as the kubelet does; resolves when it is gone. */
  readonly terminate: (pod: P) => Promise<T>;
  /** When every node sends to a pod, and when none does any more, by the clock. */
  readonly known?: (pod: P, at: number) => void;
  readonly forgotten?: (pod: P, at: number) => void;
  /** Kills whatever is left of all of them. */
  readonly end: () => Promise<void>;
};

/** What one rollout came to, in milliseconds. */
export type Rollout<T> = {
  /** Until the last new pod was ready. */
  readonly untilReady: number;
  /** Until the last old pod was gone. */
  readonly took: number;
  /** Of the old pods. */
  readonly terminations: readonly T[];
};

/**
 * A Deployment and its ReplicaSets. With `surge` 1 a new pod is ready before an old one is deleted (maxUnavailable 0); with 0
 * there is never more than the wanted count, so the old one goes first. A rollout resolves when the old pods are gone and every
 * node knows.
 */
export type Deployment<T> = AsyncDisposable & { readonly rollOut: () => Promise<Rollout<T>> };

export type Size = { readonly replicas: number; readonly surge: 0 | 1 };

/** Starts the replicas; resolves once every node knows of every one. */
export async function deploy<P extends Endpoint, T>(
  routes: Routes<P>,
  { replicas, surge }: Size,
  staff: Staff<P, T>,
): Promise<Deployment<T>> {
  let pods: readonly P[] = [];
  const deleted = new Set<P>();
  /** Resolves when it is ready for the first time, with the time at which every node will know. */
  const add = async (): Promise<{ readonly pod: P; readonly known: number }> => {
    const pod = await staff.start();
    let known = 0;
    await staff.serve(pod, (ready) => {
      // Of a pod that is being deleted, its readiness no longer counts.
      if (!deleted.has(pod)) known = routes.change(pod, ready ? 'serving' : 'leaving', clock.now());
      if (ready) staff.known?.(pod, known);
    });
    return { pod, known };
  };
  /** At the same instant the kubelet and the Service are told, and neither waits for the other. */
  const remove = (pod: P): { readonly gone: Promise<T>; readonly known: number } => {
    deleted.add(pod);
    const known = routes.change(pod, 'leaving', clock.now());
    staff.forgotten?.(pod, known);
    return { gone: staff.terminate(pod), known };
  };

  try {
    const first = await Promise.all(Array.from({ length: replicas }, add));
    pods = first.map(({ pod }) => pod);
    await until(Math.max(...first.map(({ known }) => known)));
  } catch (error) {
    await staff.end();
    throw error;
  }
  return {
    async rollOut() {
      const begun = clock.now();
      const going: Promise<T>[] = [];
      const young: P[] = [];
      let known = 0;
      for (const old of pods) {
        if (surge === 1) young.push((await add()).pod);
        const removed = remove(old);
        known = Math.max(known, removed.known);
        going.push(removed.gone);
        removed.gone.catch(() => {});
        if (surge === 1) continue;
        await removed.gone;
        const added = await add();
        young.push(added.pod);
        known = Math.max(known, added.known);
      }
      pods = young;
      const untilReady = clock.now() - begun;
      const terminations = await Promise.all(going);
      const took = clock.now() - begun;
      await until(known);
      return { untilReady, took, terminations };
    },
    [Symbol.asyncDispose]: staff.end,
  };
}

async function until(time: number): Promise<void> {
  await sleep(Math.max(0, time - clock.now()));
}
