import type { Milliseconds } from '../lifecycle/state.ts';
import type { Throttling } from './usage.ts';

/** Whether a container is near its memory limit. Between the two marks it stays as it was, so that one crossing is told once. */
export type Pressure = 'eased' | 'pressed';

const PRESSED_AT = 0.9;
const EASED_BELOW = 0.8;
/** Milliseconds between two looks. One costs a tenth of a millisecond, so the most of them cost a ten-thousandth of the time. */
const SOONEST = 1_000;
const LATEST = 10_000;
/** Held up in a quarter of its periods, a container answers late. */
const THROTTLED_AT = 0.25;
/** Fewer periods (of 100 ms each) than this say nothing. */
const LEAST_PERIODS = 5;

/** `used` and `limit` in bytes. */
export function pressureAfter(before: Pressure, used: number, limit: number): Pressure {
  if (used >= limit * PRESSED_AT) return 'pressed';
  return used < limit * EASED_BELOW ? 'eased' : before;
}

/** What a container used, in bytes, and when. */
export type MemorySample = { readonly used: number; readonly at: Milliseconds };

/**
 * How long to wait until the next look: half of what remains until the mark is crossed if it goes on growing like this, and at
 * first often, then ever more seldom.
 */
export function nextLook(before: MemorySample | null, now: MemorySample, limit: number): Milliseconds {
  if (before === null) return SOONEST;
  const elapsed = now.at - before.at;
  const growth = now.used - before.used;
  const left = growth <= 0 ? LATEST : ((limit * PRESSED_AT - now.used) * elapsed) / growth / 2;
  return Math.max(SOONEST, Math.min(left, 2 * elapsed, LATEST));
}

type Periods = Pick<Throttling, 'periods' | 'throttled'>;

/** The share of periods in which it was held up between two readings, 0 to 1; null where that was not much. */
export function throttledShare(before: Periods, after: Periods): number | null {
  const periods = after.periods - before.periods;
  const share = (after.throttled - before.throttled) / periods;
  return periods >= LEAST_PERIODS && share >= THROTTLED_AT ? share : null;
}
