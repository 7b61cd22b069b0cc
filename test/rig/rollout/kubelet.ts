import { get } from 'node:http';
import { type ContainerProbes, terminateContainer } from '../../../src/rehearse/kubelet.ts';
import { sleep } from '../../../src/rehearse/sleep.ts';
import type { Contender } from './contenders.ts';
import type { Pod } from './pod.ts';

/** How often it asks, and how many failures in a row it takes to be unready. */
export type Probing = { readonly period: number; readonly failureThreshold: number };

const PROBE_TIMEOUT = 1_000;

/** Whether the pod is ready is all that is asked. */
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

/** The rules of an httpGet probe, as far as these apps need them. */
function passes(url: string, cancelled: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const call = get(url, { agent: false, signal: cancelled }, ({ statusCode = 0 }) => {
      resolve(statusCode >= 200 && statusCode < 400);
      call.destroy();
    });
    call.on('error', () => resolve(false));
  });
}

/** Ends a pod as the kubelet does. */
export function terminated(pod: Pod, { preStop, terminationGracePeriod }: Contender): Promise<'exited' | 'killed'> {
  return terminateContainer({
    grace: terminationGracePeriod,
    preStop: (cancelled) => sleep(preStop, cancelled),
    terminate: () => pod.signal('SIGTERM'),
    kill: pod.kill,
    exited: pod.exited,
  });
}
