import { setTimeout as sleep } from 'node:timers/promises';
import type { OnTerm } from '../../rig/rollout/contenders.ts';
import { KINDS } from '../../rig/rollout/load/kinds.ts';
import type { LoadCounts } from '../../rig/rollout/load/load.ts';
import { added } from '../../rig/rollout/load/request-counts.ts';
import type { Protocol } from '../../rig/rollout/load/requests.ts';
import { allOver, apply, eventually, isOver, isReady, kube, podsOf } from '../cluster.ts';
import { service, workload } from '../manifests.ts';
import { measured } from '../options.ts';
import { APP_PORT, type Name, podOf, protocolOf } from './contenders.ts';
import { type Load, serves, startLoad } from './load.ts';

/** One contender with one app. */
export type Cell = { readonly contender: Name; readonly onTerm: OnTerm };
/** Rollouts one after the other under one load; `leg` counts the loads of a cell. */
export type Leg = { readonly rollouts: number; readonly leg: number };
export type Played = Cell & {
  readonly counts: LoadCounts;
  /** From `rollout restart` until the last old pod was gone, in milliseconds. */
  readonly took: readonly number[];
};

const REPLICAS = 2;
/** The load is on for so long before the first rollout, between two of them, and after the last: milliseconds. */
const SETTLE = 3_000;

/**
 * Rollouts under one load. Its new connections have a port each, of which there are for six minutes; and contenders who take turns
 * have the same share of whatever else keeps the machine busy.
 */
const MOST_IN_A_LEG = 5;

export function legsOf(rollouts: number): readonly Leg[] {
  const legs = Math.ceil(rollouts / MOST_IN_A_LEG);
  return Array.from({ length: legs }, (_, leg) => ({
    leg,
    rollouts: Math.min(MOST_IN_A_LEG, rollouts - leg * MOST_IN_A_LEG),
  }));
}

/** Deploys the app, puts its Service under load, and restarts it again and again. */
export async function play(cell: Cell, { rollouts, leg }: Leg): Promise<Played> {
  const name = `${cell.contender}-${cell.onTerm}-${leg}`;
  const spec = podOf(cell.contender, cell.onTerm);
  await apply(service(name, APP_PORT), workload('Deployment', name, REPLICAS, spec));
  try {
    await allReady(name, REPLICAS);
    measured.processor ??= await processorOf(name);
    await using load = await loadOnceServing(name, protocolOf(cell.contender));
    const took: number[] = [];
    await sleep(SETTLE);
    for (let count = 0; count < rollouts; count += 1) {
      const begun = performance.now();
      const old = (await podsOf(name)).filter((pod) => !isOver(pod)).map(({ metadata }) => metadata.name);
      await kube(['rollout', 'restart', `deployment/${name}`]);
      await kube(['rollout', 'status', `deployment/${name}`, '--timeout=110s']);
      await allOver(`app=${name}`, old);
      took.push(performance.now() - begun);
      await sleep(SETTLE);
    }
    return { ...cell, counts: await load.stop(), took };
  } finally {
    await kube(['delete', `deployment/${name}`, `service/${name}`, '--wait=false']);
    await kube(['delete', 'pods', '-l', `app=${name}`, '--grace-period=0', '--force', '--wait=false']);
  }
}

/** What the load asks before its first request is answered by nobody, and says nothing of a rollout. */
export async function loadOnceServing(name: string, protocol: Protocol): Promise<Load> {
  const [any] = await podsOf(name);
  const from = any?.metadata.name ?? '';
  await eventually(`${name} serves`, () => serves(name, from, protocol));
  return startLoad(name, protocol);
}

/** All that one contender with one app came to, of the loads that were apart. */
export function together(all: readonly Played[]): readonly Played[] {
  return [...Map.groupBy(all, ({ contender, onTerm }) => `${contender} ${onTerm}`).values()].flatMap(
    ([first, ...others]) => (first === undefined ? [] : [others.reduce(joined, first)]),
  );
}

const joined = (one: Played, other: Played): Played => ({
  ...one,
  took: [...one.took, ...other.took],
  counts: Object.fromEntries(KINDS.map((kind) => [kind, added(one.counts[kind], other.counts[kind])])) as LoadCounts,
});

async function processorOf(app: string): Promise<string> {
  const [pod] = await podsOf(app);
  const text = await kube(['exec', pod?.metadata.name ?? '', '--', 'cat', '/proc/cpuinfo']);
  return /^model name\s*: (.*)$/m.exec(text)?.[1]?.trim() ?? 'unknown';
}

export const allReady = (name: string, replicas: number): Promise<unknown> =>
  eventually(`${replicas} pods of ${name} are ready`, async () => {
    const pods = (await podsOf(name)).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    return pods.length === replicas && pods.every(isReady);
  });
