import type { Circumstances } from '../../test/rig/rollout/cell.ts';
import { DEFAULTS, ON_TERM } from '../../test/rig/rollout/contenders.ts';
import type { Kind } from '../../test/rig/rollout/load/kinds.ts';
import type { Effort } from '../measure.ts';

/** What each contender is to have of each kind, over its three apps, and how many rollouts each of them. */
export const WANTED = { rollouts: 10, requests: 20_000 } as const;

const SECOND = 1_000;
/** Of each kind, in each row, a second: together as many as two cores bear without anybody waiting for them. */
const PER_SECOND = 7;

/** `full` is for the record; `quick` shows roughly where things stand. */
export function circumstances(effort: Effort, seed: string): Circumstances {
  // Long enough for a rollout whose pods must be killed after 30 s.
  const interval = (effort === 'full' ? 60 : 20) * SECOND;
  const inOne = (PER_SECOND * interval) / SECOND;
  // Some more than wanted, for requests come when they come.
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
      stream: [0.5 * SECOND, 20 * SECOND],
      every: 2 * SECOND,
    },
  };
}

/** The same without anybody who asks for anything. */
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
  };
}
