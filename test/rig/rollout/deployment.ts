import {
  type Deployment,
  deploy as deployPods,
  type Rollout as PlayedRollout,
} from '../../../src/rehearse/deployment.ts';
import { probeContainer } from '../../../src/rehearse/kubelet.ts';
import type { Routes } from '../../../src/rehearse/routes.ts';
import type { Contender, OnTerm } from './contenders.ts';
import { type Probing, probes, terminated } from './kubelet.ts';
import { type Pod, startPod } from './pod.ts';

export type Deployed = {
  readonly contender: Contender;
  readonly onTerm: OnTerm;
  readonly replicas: number;
  readonly probing: Probing;
  /** The port of the next pod. */
  readonly nextPort: () => Promise<number>;
};

/** The termination of an old pod, in milliseconds from its deletion. */
export type Termination = {
  readonly took: number;
  readonly end: 'exited' | 'killed';
  /** From SIGTERM to the stop signal of the app, from k8s-run's log; null: without k8s-run. */
  readonly held: number | null;
};
export type Rollout = PlayedRollout<Termination>;

/** Milliseconds: a busy machine starts pods late, which says nothing of the contenders. */
const READY_LIMIT = 120_000;

/** Deploys the contender's pods; `routes`: what each node knows of them. */
export function deploy(routes: Routes<Pod>, deployed: Deployed): Promise<Deployment<Termination>> {
  const all = new Set<Pod>();
  const { contender, onTerm, replicas, probing, nextPort } = deployed;
  return deployPods<Pod, Termination>(
    routes,
    { replicas, surge: 1 },
    {
      async start() {
        const pod = startPod(contender, onTerm, await nextPort());
        all.add(pod);
        return pod;
      },
      watch: (pod, changed) => serving(pod, probing, changed),
      terminate: (pod) => timed(pod, contender),
      async killAll() {
        for (const pod of all) pod.kill();
        await Promise.all([...all].map(({ exited }) => exited));
      },
    },
  );
}

/** Resolves when the pod is ready for the first time; `changed` is called at each change. */
function serving(pod: Pod, probing: Probing, changed: (ready: boolean) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const over = new AbortController();
    const fail = (what: string): void => reject(new Error(`${what}:\n${pod.stderr()}`));
    const limit = setTimeout(fail, READY_LIMIT, `not ready in ${READY_LIMIT} ms`);
    pod.exited.then(() => {
      over.abort();
      fail('the pod ended before it was ready');
    }, fail);
    let ready = false;
    probeContainer(probes(pod, probing), over.signal, (health) => {
      if (health.ready === ready) return;
      ready = health.ready;
      clearTimeout(limit);
      changed(ready);
      resolve();
    });
  });
}

async function timed(pod: Pod, contender: Contender): Promise<Termination> {
  const from = performance.now();
  const end = await terminated(pod, contender);
  return { took: performance.now() - from, end, held: heldBack(pod) };
}

function heldBack(pod: Pod): number | null {
  const [terminating, stopping] = ['terminating', 'stopping'].map((event) =>
    pod.lines().find((line) => line.event === event),
  );
  if (terminating === undefined || stopping === undefined) return null;
  return Date.parse(String(stopping['time'])) - Date.parse(String(terminating['time']));
}
