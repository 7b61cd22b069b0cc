import type { Milliseconds } from './state.ts';

/**
 * Kept at the end of the pod's time: for what the app leaves behind to be killed and seen gone, the last line of the log,
 * and the container runtime. At the end of that time the kubelet kills k8s-run too, and nobody can say why.
 */
export const RESERVE: Milliseconds = 2_000;
/** A phase that is derived is no shorter than this: shorter ones serve nobody, and who wants them all the same can say so. */
export const LEAST: Milliseconds = 1_000;

/** A length that the user chose, or one that may be derived and is then at most, or by default, this long. */
export type Length = { readonly ms: Milliseconds; readonly source: 'chosen' | 'default' };

/** All that a shutdown may take, one after the other. */
export type Phases = {
  readonly pause: Length;
  /** The limit of the wait for connections. */
  readonly drain: Milliseconds;
  /** What the hooks of the shutdown may take. */
  readonly hooks: Milliseconds;
  readonly grace: Length;
};

export type Budget =
  | { readonly kind: 'fits'; readonly pause: Milliseconds; readonly grace: Milliseconds }
  /** `needed`: the least that the phases and the reserve take. A derived phase counts with its least. */
  | {
      readonly kind: 'too small';
      readonly needed: Milliseconds;
      readonly pause: Milliseconds;
      readonly grace: Milliseconds;
    };

/**
 * Fits a shutdown into the pod's terminationGracePeriodSeconds. What was chosen stays. A pause that was not keeps its
 * default, but never takes more than half of what is left for both; the grace gets all the rest, be it more or less than its
 * default.
 */
export function budgetOf(total: Milliseconds, { pause, drain, hooks, grace }: Phases): Budget {
  const left = total - RESERVE - drain - hooks;
  const least = (length: Length): Milliseconds => (length.source === 'chosen' ? length.ms : LEAST);
  const needed = total - left + least(pause) + least(grace);
  if (needed > total) return { kind: 'too small', needed, pause: least(pause), grace: least(grace) };
  if (pause.source === 'chosen') {
    return { kind: 'fits', pause: pause.ms, grace: grace.source === 'chosen' ? grace.ms : left - pause.ms };
  }
  if (grace.source === 'chosen') return { kind: 'fits', pause: Math.min(pause.ms, left - grace.ms), grace: grace.ms };
  const derived = Math.min(pause.ms, Math.floor(left / 2));
  return { kind: 'fits', pause: derived, grace: left - derived };
}
