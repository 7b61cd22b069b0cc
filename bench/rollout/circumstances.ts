import type { Circumstances } from '../../test/rig/rollout/cell.ts';
import { DEFAULTS } from '../../test/rig/rollout/contenders.ts';
import type { Kind } from '../../test/rig/rollout/load/kinds.ts';
import type { Effort } from '../measure.ts';

/** What each row is to have of each kind, and over how many rollouts. */
export const WANTED = { rollouts: 10, requests: 20_000 } as const;

const SECOND = 1_000;

/** `full` is for the record; `quick` shows roughly where things stand, over a tenth of the requests. */
export function circumstances(effort: Effort, seed: string): Circumstances {
  // Long enough for a rollout whose pods must be killed after 30 s, and for a rate that two cores can bear.
  const interval = (effort === 'full' ? 66 : 20) * SECOND;
  const rollouts = effort === 'full' ? WANTED.rollouts : 2;
  // Some more than wanted, for requests come when they come.
  const perSecond = effort === 'full' ? (1.05 * WANTED.requests * SECOND) / (rollouts * interval) : 12;
  return {
    seed,
    rollouts,
    interval,
    replicas: 2,
    nodes: 3,
    lag: [0, 4 * SECOND],
    probing: { period: SECOND, failureThreshold: 1 },
    times: DEFAULTS,
    perSecond: each(perSecond),
    work: { ordinary: 25, slow: 2 * SECOND, upload: 1.5 * SECOND, stream: [0.5 * SECOND, 20 * SECOND], every: SECOND },
  };
}

/** The same without anybody who asks for anything. */
export function withoutLoad(loaded: Circumstances): Circumstances {
  return { ...loaded, rollouts: Math.min(loaded.rollouts, 3), interval: 0, perSecond: each(0) };
}

function each(perSecond: number): Readonly<Record<Kind, number>> {
  return {
    new: perSecond,
    'kept-alive': perSecond,
    slow: perSecond,
    upload: perSecond,
    events: perSecond,
    websocket: perSecond,
  };
}
