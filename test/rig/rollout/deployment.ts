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
  /** A port for each pod. */
  readonly nextPort: () => Promise<number>;
};

/** From the deletion of an old pod on, in milliseconds. */
export type Termination = {
  readonly took: number;
  readonly end: 'exited' | 'killed';
  /** From SIGTERM to the app's own signal, as k8s-run logged it; null where nobody held it back. */
  readonly held: number | null;
};
export type Rollout = PlayedRollout<Termination>;

const READY_LIMIT = 30_000;

/** The contender's pods, behind what every node knows of them. */
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
      watch: (pod, told) => serving(pod, probing, told),
      terminate: (pod) => timed(pod, contender),
      async killAll() {
        for (const pod of all) pod.kill();
        await Promise.all([...all].map(({ exited }) => exited));
      },
    },
  );
}

/** Resolves when the pod is ready for the first time; `told` goes on. */
function serving(pod: Pod, probing: Probing, told: (ready: boolean) => void): Promise<void> {
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
      told(ready);
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
  const [asked, told] = ['terminating', 'stopping'].map((event) => pod.lines().find((line) => line.event === event));
  if (asked === undefined || told === undefined) return null;
  return Date.parse(String(told['time'])) - Date.parse(String(asked['time']));
}
