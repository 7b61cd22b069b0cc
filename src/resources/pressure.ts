import type { Milliseconds } from '../lifecycle/state.ts';
import type { Throttling } from './usage.ts';

/**
 * Whether a container is near its memory limit. Between the two thresholds it stays as it was, so that one rise is reported
 * once.
 */
export type Pressure = 'normal' | 'high';

/** Shares of the limit. */
const HIGH_FROM = 0.9;
const NORMAL_BELOW = 0.8;
/**
 * Milliseconds between two readings. One takes 0.2 ms, so even at the shortest interval they take a five-thousandth of the time. At
 * the longest one a resize is still said within ten seconds.
 */
const MIN_INTERVAL = 1_000;
export const MAX_INTERVAL = 8_000;
/** The share of its periods from which on a throttled container answers late. */
const THROTTLED_AT = 0.25;
/** Periods, of 100 ms each. A share of fewer is not significant. */
const MIN_PERIODS = 5;

/** `used` and `limit` in bytes. */
export function pressureAfter(before: Pressure, used: number, limit: number): Pressure {
  if (used >= limit * HIGH_FROM) return 'high';
  return used < limit * NORMAL_BELOW ? 'normal' : before;
}

/** The memory of a container in bytes, and when it was read. */
export type MemorySample = { readonly used: number; readonly at: Milliseconds };

/**
 * The time until the next reading: at most twice the last interval, and half of the time in which memory would reach the
 * threshold if it went on growing like this.
 */
export function nextInterval(before: MemorySample | null, now: MemorySample, limit: number): Milliseconds {
  if (before === null) return MIN_INTERVAL;
  const elapsed = now.at - before.at;
  const growth = now.used - before.used;
  const left = growth <= 0 ? MAX_INTERVAL : ((limit * HIGH_FROM - now.used) * elapsed) / growth / 2;
  return Math.max(MIN_INTERVAL, Math.min(left, 2 * elapsed, MAX_INTERVAL));
}

type Periods = Pick<Throttling, 'periods' | 'throttled'>;

/** The share of periods, 0 to 1, in which the container was throttled between two readings; null: not significant. */
export function throttledShare(before: Periods, after: Periods): number | null {
  const periods = after.periods - before.periods;
  const share = (after.throttled - before.throttled) / periods;
  return periods >= MIN_PERIODS && share >= THROTTLED_AT ? share : null;
}
