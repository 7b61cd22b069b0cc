import type { Circumstances } from '../../test/rig/rollout/cell.ts';
import { DEFAULTS, ON_TERM } from '../../test/rig/rollout/contenders.ts';
import type { Kind } from '../../test/rig/rollout/load/kinds.ts';
import type { Effort } from '../measure.ts';

/** The least requests of each kind per contender, over its three apps, and the least rollouts of each app. */
export const WANTED = { rollouts: 10, requests: 10_000 } as const;

const SECOND = 1_000;
/** Requests of each kind per second and row: those side by side make about half of what two cores can handle without queues. */
const PER_SECOND = 5;

/** `full` gives the figures to publish, `quick` rough ones. */
export function circumstances(effort: Effort, seed: string): Circumstances {
  // Long enough for a rollout whose pods are killed after 30 s.
  const interval = (effort === 'full' ? 60 : 20) * SECOND;
  const inOne = (PER_SECOND * interval) / SECOND;
  // 5 % more than required, for arrivals are random.
  const enough = Math.ceil((1.05 * WANTED.requests) / ON_TERM.length / inOne);
  const rollouts = effort === 'full' ? Math.max(WANTED.rollouts, enough) : 2;
  return {
    seed,
    rollouts,
    interval,
    settle: 2 * SECOND,
    replicas: 2,
    nodes: 3,
    lag: [0, 4 * SECOND],
    probing: { period: SECOND, failureThreshold: 3 },
    times: DEFAULTS,
    perSecond: each(PER_SECOND),
    work: {
      ordinary: 25,
      slow: [2 * SECOND, 2 * SECOND],
      upload: 1.5 * SECOND,
      // What begins when the last node learns of the deletion must be over at the end of the drain.
      stream: [0.5 * SECOND, 9.5 * SECOND],
      long: [10 * SECOND, 20 * SECOND],
      every: 2 * SECOND,
    },
  };
}

/** The same without requests, and with fewer rollouts. */
export function withoutLoad(loaded: Circumstances): Circumstances {
  return { ...loaded, rollouts: Math.min(loaded.rollouts, 3), interval: 0, settle: 0, perSecond: each(0) };
}

function each(perSecond: number): Readonly<Record<Kind, number>> {
  return {
    new: perSecond,
    'kept-alive': perSecond,
    slow: perSecond,
    upload: perSecond,
    events: perSecond,
    websocket: perSecond,
    long: perSecond,
  };
}
