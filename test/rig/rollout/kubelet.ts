import { get } from 'node:http';
import { type ContainerProbes, terminateContainer } from '../../../src/rehearse/kubelet.ts';
import { sleep } from '../../../src/rehearse/sleep.ts';
import type { Contender } from './contenders.ts';
import type { Pod } from './pod.ts';

/** The readiness probe: its period, and the consecutive failures after which the pod is not ready. */
export type Probing = { readonly period: number; readonly failureThreshold: number };

const PROBE_TIMEOUT = 1_000;

/** The readiness probe alone. */
export function probes(pod: Pod, { period, failureThreshold }: Probing): ContainerProbes {
  const rule = { initialDelay: 0, period, timeout: PROBE_TIMEOUT, successThreshold: 1, failureThreshold };
  return {
    ready: {
      rule,
      probe(cancelled) {
        const url = pod.readiness();
        return url === null ? Promise.resolve(false) : passes(url, cancelled);
      },
    },
  };
}

/** The part of the rules of an httpGet probe that these apps need. */
function passes(url: string, cancelled: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const call = get(url, { agent: false, signal: cancelled }, ({ statusCode = 0 }) => {
      resolve(statusCode >= 200 && statusCode < 400);
      call.destroy();
    });
    call.on('error', () => resolve(false));
  });
}

/** Terminates a pod as the kubelet does. */
export function terminated(pod: Pod, { preStop, terminationGracePeriod }: Contender): Promise<'exited' | 'killed'> {
  return terminateContainer({
    grace: terminationGracePeriod,
    preStop: (cancelled) => sleep(preStop, cancelled),
    terminate: () => pod.signal('SIGTERM'),
    kill: pod.kill,
    exited: pod.exited,
  });
}
