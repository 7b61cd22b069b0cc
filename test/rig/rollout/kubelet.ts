import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Contender } from './contenders.ts';
import type { Pod } from './pod.ts';

/** How often it asks, and how many failures in a row it takes to be unready. */
export type Probing = { readonly period: number; readonly failureThreshold: number };

const PROBE_TIMEOUT = 1_000;

/** Asks whether the pod is ready, again and again until it is over, and tells of each change. */
export async function probe(
  pod: Pod,
  { period, failureThreshold }: Probing,
  told: (ready: boolean) => void,
): Promise<void> {
  let ready = false;
  for (let failures = 0; !pod.isOver(); await sleep(period)) {
    const url = pod.readiness();
    if (url === null) continue;
    failures = (await passes(url)) ? 0 : failures + 1;
    if (pod.isOver() || ready === (failures === 0)) continue;
    if (failures > 0 && failures < failureThreshold) continue;
    ready = failures === 0;
    told(ready);
  }
}

/** The rules of an httpGet probe, as far as these apps need them. */
function passes(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const call = get(url, { agent: false, timeout: PROBE_TIMEOUT }, ({ statusCode = 0 }) => {
      resolve(statusCode >= 200 && statusCode < 400);
      call.destroy();
    });
    call.once('timeout', () => call.destroy());
    call.on('error', () => resolve(false));
  });
}

/**
 * Ends a pod as the kubelet does: the preStop sleep, SIGTERM to its first process, and SIGKILL to all of it when the time
 * that the manifest gives, which includes the sleep, is over.
 */
export async function terminate(
  pod: Pod,
  { preStop, terminationGracePeriod }: Contender,
): Promise<'exited' | 'killed'> {
  const over = new AbortController();
  const exited = pod.exited.then(() => over.abort());
  const passed = (milliseconds: number): Promise<boolean> =>
    sleep(milliseconds, true, { signal: over.signal }).catch(() => false);
  const late = passed(terminationGracePeriod);
  if (preStop > 0) await passed(preStop);
  pod.signal('SIGTERM');
  const killed = await late;
  if (killed) pod.kill();
  await exited;
  return killed ? 'killed' : 'exited';
}
