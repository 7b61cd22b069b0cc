import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pod } from './pod.ts';

/**
 * A stand-in for a Kubernetes Service. Like kube-proxy's rules it picks a pod for each new connection, and like them it
 * hears late that a pod has become ready or is leaving. It carries no traffic itself.
 */
export type Service = {
  readonly pick: () => Pod | undefined;
  readonly add: (pod: Pod) => void;
  readonly remove: (pod: Pod) => void;
};

export function service(): Service {
  const pods: Pod[] = [];
  let next = 0;
  return {
    pick() {
      next += 1;
      return pods[next % pods.length];
    },
    add: (pod) => void pods.push(pod),
    remove: (pod) => void pods.splice(pods.indexOf(pod), 1),
  };
}

/** Requests that are answered late are not failures; those that hang are. */
const TIMEOUT_MS = 10_000;

/** What became of the requests so far. */
export type Tally = {
  served: number;
  /** By what the client saw: ECONNREFUSED, ECONNRESET … */
  readonly failures: Map<string, number>;
  /** Answered by this pod. */
  readonly servedBy: Map<Pod, number>;
};

export const failed = ({ failures }: Tally): number => [...failures.values()].reduce((sum, count) => sum + count, 0);

/** A steady load: one request, on a connection of its own, every `period` milliseconds, however long the answers take. */
export function loadOn(target: Service, period: number): { readonly tally: Tally; readonly stop: () => Promise<void> } {
  const tally: Tally = { served: 0, failures: new Map(), servedBy: new Map() };
  const underWay = new Set<Promise<void>>();
  let due = performance.now();
  const timer = setInterval(() => {
    for (; due <= performance.now(); due += period) {
      const request = one(target.pick(), tally).finally(() => underWay.delete(request));
      underWay.add(request);
    }
  }, period);
  return {
    tally,
    async stop() {
      clearInterval(timer);
      await Promise.all(underWay);
    },
  };
}

async function one(pod: Pod | undefined, tally: Tally): Promise<void> {
  const outcome = pod === undefined ? 'no endpoint' : await ask(`http://127.0.0.1:${pod.port}/`);
  if (pod !== undefined && outcome === 200) {
    tally.served += 1;
    tally.servedBy.set(pod, (tally.servedBy.get(pod) ?? 0) + 1);
  } else {
    tally.failures.set(String(outcome), (tally.failures.get(String(outcome)) ?? 0) + 1);
  }
}

/** The status, or the name of the error. */
export function ask(url: string): Promise<number | string> {
  return new Promise((resolve) => {
    const call = get(url, { agent: false, timeout: TIMEOUT_MS }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode ?? 0));
      response.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    });
    call.once('timeout', () => call.destroy(new Error('no answer')));
    call.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}

const LOOK_EVERY_MS = 25;
const READY_LIMIT_MS = 15_000;

/** Asks as the kubelet does: `/readyz` where k8s-run answers it, else whether the app's port answers. */
export async function untilReady(pod: Pod, kind: 'plain' | 'k8s-run'): Promise<void> {
  for (const end = performance.now() + READY_LIMIT_MS; performance.now() < end; await sleep(LOOK_EVERY_MS)) {
    const url = kind === 'plain' ? `http://127.0.0.1:${pod.port}/` : `${pod.health()}/readyz`;
    if (pod.health() === null && kind === 'k8s-run') continue;
    if ((await ask(url)) === 200) return;
  }
  throw new Error('the example server did not become ready');
}
