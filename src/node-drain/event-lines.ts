import type { Milliseconds, State } from '../lifecycle/state.ts';
import type { EventLine } from './events-socket.ts';

/** The present state, for a reader that has just connected. Times are milliseconds from now. */
export function presentLine(state: State, now: Milliseconds): EventLine {
  return { event: 'state', ...factsOf(state, now) };
}

/** What a reader is sent when this state follows that one; null: nothing that concerns it. */
export function lineAfter(before: State, next: State, now: Milliseconds): EventLine | null {
  const event = eventOf(before, next);
  return event === null ? null : { event, ...factsOf(next, now) };
}

function factsOf(state: State, now: Milliseconds): Omit<EventLine, 'event'> & { readonly phase: string } {
  const phase = state.kind;
  switch (state.kind) {
    case 'running':
      return { phase, ready: state.standings.startup.kind === 'passing' && state.standings.ready.kind === 'passing' };
    case 'delaying':
      return { phase, delayEndsInMs: Math.max(0, Math.round(state.delayEndsAt - now)) };
    case 'draining':
      return { phase, limitEndsInMs: Math.max(0, Math.round(state.limitEndsAt - now)) };
    case 'stopping':
      return { phase, graceEndsInMs: Math.max(0, Math.round(state.graceEndsAt - now)) };
    case 'preparing':
    case 'aborting':
    case 'preStop':
    case 'killing':
    case 'findingLeftovers':
    case 'stoppingLeftovers':
    case 'killingLeftovers':
    case 'backingOff':
    case 'postExit':
    case 'exited':
      return { phase };
  }
}

/** The names are those of the log's events. */
function eventOf(before: State, next: State): string | null {
  if (before.kind === 'running' && next.kind === 'running') return readinessEvent(before, next);
  if (before.kind === next.kind) return null;
  switch (next.kind) {
    case 'preStop':
      return 'terminating';
    case 'delaying':
      // With a pre-stop hook `terminating` was sent before the hook ran.
      return before.kind === 'preStop' ? 'delaying' : 'terminating';
    case 'draining':
    case 'stopping':
    case 'killing':
      return next.kind;
    case 'running':
      return 'spawned';
    case 'backingOff':
      return 'restarting';
    case 'preparing':
    case 'aborting':
    case 'findingLeftovers':
    case 'stoppingLeftovers':
    case 'killingLeftovers':
    case 'postExit':
    case 'exited':
      return null;
  }
}

function readinessEvent(before: State & { kind: 'running' }, next: State & { kind: 'running' }): string | null {
  const [was, is] = [before.standings.ready.kind, next.standings.ready.kind];
  if (was === is) return null;
  if (is === 'passing') return 'ready';
  return is === 'failing' ? 'unready' : null;
}
