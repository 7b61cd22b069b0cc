import type { Contender, OnTerm } from './contenders.ts';
import { type Probing, probe, terminate } from './kubelet.ts';
import { type Pod, startPod } from './pod.ts';
import type { Routes } from './routes.ts';

export type Deployed = {
  readonly contender: Contender;
  readonly onTerm: OnTerm;
  readonly replicas: number;
  readonly probing: Probing;
  /** A port for each pod. */
  readonly nextPort: () => Promise<number>;
};

/** What one rollout came to, in milliseconds. */
export type Rollout = {
  /** Until the last new pod was ready. */
  readonly untilReady: number;
  /** Until the last old pod was gone. */
  readonly took: number;
  /** Old pods, from their deletion on. */
  readonly terminations: readonly Termination[];
};

export type Termination = {
  readonly took: number;
  readonly end: 'exited' | 'killed';
  /** From SIGTERM to the app's own signal, as k8s-run logged it; null where nobody held it back. */
  readonly held: number | null;
};

/**
 * A Deployment and its ReplicaSets, with maxSurge 1 and maxUnavailable 0. A rollout resolves when the old pods are gone and
 * every node knows.
 */
export type Deployment = AsyncDisposable & { readonly rollOut: () => Promise<Rollout> };

const READY_LIMIT = 30_000;

/** Starts the replicas; resolves once every node knows of every one. */
export async function deploy(routes: Routes, deployed: Deployed): Promise<Deployment> {
  let replicas: readonly Pod[] = [];
  const all = new Set<Pod>();
  const deleted = new Set<Pod>();
  const end = async (): Promise<void> => {
    for (const pod of all) pod.kill();
    await Promise.all([...all].map(({ exited }) => exited));
  };
  const add = async (): Promise<{ readonly pod: Pod; readonly known: number }> => {
    const pod = startPod(deployed.contender, deployed.onTerm, await deployed.nextPort());
    all.add(pod);
    // Of a pod that is being deleted, its readiness no longer counts.
    const told = (ready: boolean): number =>
      deleted.has(pod) ? 0 : routes.change(pod, ready ? 'serving' : 'leaving', performance.now());
    return { pod, known: await serving(pod, deployed.probing, told) };
  };

  try {
    const first = await Promise.all(Array.from({ length: deployed.replicas }, add));
    replicas = first.map(({ pod }) => pod);
    await until(Math.max(...first.map(({ known }) => known)));
  } catch (error) {
    await end();
    throw error;
  }
  return {
    async rollOut() {
      const begun = performance.now();
      const going: Promise<Termination>[] = [];
      const young: Pod[] = [];
      let known = 0;
      for (const old of replicas) {
        young.push((await add()).pod);
        // At the same instant the kubelet and the Service are told, and neither waits for the other.
        deleted.add(old);
        known = Math.max(known, routes.change(old, 'leaving', performance.now()));
        going.push(timed(old, deployed.contender));
      }
      replicas = young;
      const untilReady = performance.now() - begun;
      const terminations = await Promise.all(going);
      const took = performance.now() - begun;
      await until(known);
      return { untilReady, took, terminations };
    },
    [Symbol.asyncDispose]: end,
  };
}

/** Resolves when the pod is ready for the first time, with the time at which every node will know; `told` goes on. */
function serving(pod: Pod, probing: Probing, told: (ready: boolean) => number): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (what: string): void => reject(new Error(`${what}:\n${pod.stderr()}`));
    const limit = setTimeout(fail, READY_LIMIT, `not ready in ${READY_LIMIT} ms`);
    pod.exited.then(() => fail('the pod ended before it was ready'), fail);
    probe(pod, probing, (ready) => {
      clearTimeout(limit);
      resolve(told(ready));
    }).catch(reject);
  });
}

async function timed(pod: Pod, contender: Contender): Promise<Termination> {
  const from = performance.now();
  const end = await terminate(pod, contender);
  return { took: performance.now() - from, end, held: heldBack(pod) };
}

function heldBack(pod: Pod): number | null {
  const [asked, told] = ['draining', 'stopping'].map((event) => pod.lines().find((line) => line.event === event));
  if (asked === undefined || told === undefined) return null;
  return Date.parse(String(told['time'])) - Date.parse(String(asked['time']));
}

function until(time: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, time - performance.now())));
}
