import { setTimeout as sleep } from 'node:timers/promises';
import { openBalancer } from '../../../src/rehearse/balancer.ts';
import { portsFrom } from '../../../src/rehearse/ports.ts';
import { type Random, type Range, randomOf } from '../../../src/rehearse/random.ts';
import { routes } from '../../../src/rehearse/routes.ts';
import { contenders, type Name, type OnTerm, type Times } from './contenders.ts';
import { deploy, type Rollout } from './deployment.ts';
import type { Probing } from './kubelet.ts';
import type { Kind, Work } from './load/kinds.ts';
import { type LoadCounts, startLoad } from './load/load.ts';
import type { Pod } from './pod.ts';

/** The circumstances of the rollouts, the same for every contender. Times are milliseconds. */
export type Circumstances = {
  readonly seed: string;
  readonly rollouts: number;
  /** From the start of one rollout to the start of the next, or longer if it is not over by then. */
  readonly interval: number;
  /** The least time of load before and after a rollout, because kept connections must exist before they can be cut. */
  readonly settle: number;
  readonly replicas: number;
  readonly nodes: number;
  readonly lag: Range;
  readonly probing: Probing;
  readonly times: Times;
  readonly perSecond: Readonly<Record<Kind, number>>;
  readonly work: Work;
};

/** One contender with one app. */
export type Cell = { readonly contender: Name; readonly onTerm: OnTerm; readonly firstPort: number };

export type Played = { readonly rollouts: readonly Rollout[]; readonly counts: LoadCounts };

/** Deploys the app, puts it under load, and rolls it out several times. */
export async function play(cell: Cell, circumstances: Circumstances): Promise<Played> {
  const { seed, nodes, lag, replicas, probing, times, perSecond, work, interval, settle } = circumstances;
  const drawFor = (what: string): Random => randomOf(`${seed} ${cell.contender} ${cell.onTerm} ${what}`);
  const contender = contenders(times)[cell.contender];
  const known = routes<Pod>({ nodes, lag, random: drawFor('routes') });
  await using balancer = await openBalancer(() => known.pick(performance.now()));
  await using deployment = await deploy(known, {
    contender,
    onTerm: cell.onTerm,
    replicas,
    probing,
    nextPort: portsFrom(cell.firstPort),
  });
  await using load = startLoad({
    port: balancer.port,
    protocol: contender.protocol,
    seed: `${seed} load`,
    perSecond,
    work,
  });
  const rollouts: Rollout[] = [];
  await load.look();
  await sleep(settle);
  for (let count = 0; count < circumstances.rollouts; count += 1) {
    const next = performance.now() + interval;
    rollouts.push(await deployment.rollOut());
    await sleep(Math.max(settle, next - performance.now()));
  }
  return { rollouts, counts: await load.stop() };
}
