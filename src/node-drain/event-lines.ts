import type { Milliseconds, State } from '../lifecycle/state.ts';
import type { EventLine } from './events-socket.ts';

/** The present state, for a reader that has just connected. Times are milliseconds from now. */
export function presentLine(state: State, now: Milliseconds): EventLine {
  return { event: 'state', ...factsOf(state, now) };
}

/** What a reader is sent when this state follows that one; nothing, if it does not concern readers. */
export function linesAfter(before: State, next: State, now: Milliseconds): readonly EventLine[] {
  return eventsOf(before, next).map((event) => ({ event, ...factsOf(next, now) }));
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
    case 'beforeKill':
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

/** The names are those of the log's events. A shutdown begins with `terminating`, whatever follows at once. */
function eventsOf(before: State, next: State): readonly string[] {
  const isShutdown = TERMINATING.has(next.kind) && before.kind === 'running';
  const event = eventOf(before, next);
  return [...(isShutdown ? ['terminating'] : []), ...(event === null ? [] : [event])];
}

const TERMINATING: ReadonlySet<State['kind']> = new Set(['preStop', 'delaying', 'draining', 'stopping'] as const);

function eventOf(before: State, next: State): string | null {
  if (before.kind === 'running' && next.kind === 'running') return readinessEvent(before, next);
  if (before.kind === next.kind && next.kind !== 'draining') return null;
  switch (next.kind) {
    case 'delaying':
      // Without a pre-stop hook `terminating` says as much.
      return before.kind === 'preStop' ? 'delaying' : null;
    case 'draining':
      return isWaiting(next) && !isWaiting(before) ? 'draining' : null;
    case 'stopping':
    case 'killing':
      return next.kind;
    case 'running':
      return 'spawned';
    case 'backingOff':
      return 'restarting';
    case 'preparing':
    case 'aborting':
    case 'preStop':
    case 'beforeKill':
    case 'findingLeftovers':
    case 'stoppingLeftovers':
    case 'killingLeftovers':
    case 'postExit':
    case 'exited':
      return null;
  }
}

/** The first count of a drain is not announced: it takes milliseconds, and there may be nothing to wait for. */
const isWaiting = (state: State): boolean => state.kind === 'draining' && state.stage === 'waiting';

function readinessEvent(before: State & { kind: 'running' }, next: State & { kind: 'running' }): string | null {
  const [was, is] = [before.standings.ready.kind, next.standings.ready.kind];
  if (was === is) return null;
  if (is === 'passing') return 'ready';
  return is === 'failing' ? 'unready' : null;
}
