import type { Effect } from './effect.ts';
import type { Policy } from './policy.ts';
import type { Milliseconds, PreStop, Running, Signal, SkipReason, StopCause } from './state.ts';
import { say } from './step.ts';

/** The delay is for clients that still send requests; null: there may be some. */
export function reasonToSkipDelay(state: Running | PreStop, policy: Policy): SkipReason | null {
  if (state.standings.ready.kind === 'pending') return 'never ready';
  if (state.standings.live.kind === 'failing') return 'not alive';
  return policy.shutdownDelay === 0 ? 'no delay' : null;
}

/** Whether requests in flight are waited for although there is no delay: the user set it to 0, and there may be clients. */
export function drainsWithout(skipped: SkipReason, policy: Policy): boolean {
  return skipped === 'no delay' && policy.drainConnections > 0;
}

/** A worker or a Job has no clients, so the default delay is left out for it; a delay that the user set is not. */
export function dependsOnListeners(skipped: SkipReason | null, policy: Policy): boolean {
  return skipped === null && policy.shutdownDelaySource === 'default';
}

export type Terminating = {
  readonly cause: StopCause;
  readonly delayMs: Milliseconds;
  readonly preStop: boolean;
  /** What the app was sent at once; null: nothing. */
  readonly drainSignal: Signal | null;
};

/** Says that the shutdown has begun. */
export function sayTerminating({ cause, delayMs, preStop, drainSignal }: Terminating, policy: Policy): Effect {
  return say({
    event: 'terminating',
    readiness: policy.readinessOnDrain === 'keep' ? 'is kept' : 'fails',
    cause,
    delayMs,
    delayIsOpen: preStop && delayMs > 0 && policy.shutdownDelaySource === 'default',
    preStop,
    drainSignal,
    keyboard: policy.keyboard,
  });
}
