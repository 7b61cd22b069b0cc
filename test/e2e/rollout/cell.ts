import { setTimeout as sleep } from 'node:timers/promises';
import type { OnTerm } from '../../rig/rollout/contenders.ts';
import type { Tallies } from '../../rig/rollout/load/load.ts';
import { allOver, apply, eventually, isOver, isReady, kube, podsOf } from '../cluster.ts';
import { service, workload } from '../manifests.ts';
import { APP_PORT, type Name, podOf } from './contenders.ts';
import { type Load, serves, startLoad } from './load.ts';

/** One contender with one app, and how often it is rolled out. */
export type Cell = { readonly contender: Name; readonly onTerm: OnTerm; readonly rollouts: number };
export type Played = Cell & {
  readonly tallies: Tallies;
  /** From `rollout restart` until the last old pod was gone, in milliseconds. */
  readonly took: readonly number[];
};

const REPLICAS = 2;
/** The load is on for so long before the first rollout, between two of them, and after the last: milliseconds. */
const SETTLE = 3_000;

/** Deploys the app, puts its Service under load, and restarts it again and again. */
export async function play(cell: Cell): Promise<Played> {
  const name = `${cell.contender}-${cell.onTerm}`;
  const spec = podOf(cell.contender, cell.onTerm);
  await apply(service(name, APP_PORT), workload('Deployment', name, REPLICAS, spec));
  try {
    await allReady(name, REPLICAS);
    await using load = await loadOnceServing(name);
    const took: number[] = [];
    await sleep(SETTLE);
    for (let count = 0; count < cell.rollouts; count += 1) {
      const begun = performance.now();
      const old = (await podsOf(name)).filter((pod) => !isOver(pod)).map(({ metadata }) => metadata.name);
      await kube(['rollout', 'restart', `deployment/${name}`]);
      await kube(['rollout', 'status', `deployment/${name}`, '--timeout=110s']);
      await allOver(`app=${name}`, old);
      took.push(performance.now() - begun);
      await sleep(SETTLE);
    }
    return { ...cell, tallies: await load.stop(), took };
  } finally {
    await kube(['delete', `deployment/${name}`, `service/${name}`, '--wait=false']);
    await kube(['delete', 'pods', '-l', `app=${name}`, '--grace-period=0', '--force', '--wait=false']);
  }
}

/** What the load asks before its first request is answered by nobody, and says nothing of a rollout. */
export async function loadOnceServing(name: string): Promise<Load> {
  const [any] = await podsOf(name);
  const from = any?.metadata.name ?? '';
  await eventually(`${name} serves`, () => serves(name, from));
  return startLoad(name);
}

export const allReady = (name: string, replicas: number): Promise<unknown> =>
  eventually(`${replicas} pods of ${name} are ready`, async () => {
    const pods = (await podsOf(name)).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    return pods.length === replicas && pods.every(isReady);
  });
