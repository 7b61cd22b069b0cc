import type { Phases } from './notice.ts';
import type {
  Draining,
  Effect,
  Ended,
  Event,
  Exit,
  ExitCause,
  Fault,
  Inspecting,
  Killing,
  Milliseconds,
  PassedOn,
  Phase,
  Policy,
  Purging,
  Running,
  SpawnFailure,
  State,
  Stopping,
  Sweeping,
  Timeline,
} from './state.ts';
import { enter, enteredAt, hearFarewell, hearOnly, impossible, late, type Step, say, unreachable } from './step.ts';

/** What leftovers get when the app ended without a shutdown: long enough to flush, too short to be noticed. */
export const UNPLANNED_SWEEP: Milliseconds = 5_000;
/** How long k8s-run waits to see killed leftovers gone: SIGKILL is prompt unless the kernel itself is stuck. */
export const PURGE_LIMIT: Milliseconds = 1_000;
/** An exit so soon after a passed-on signal is put down to it: the kubelet's default for a whole shutdown. */
export const PASSED_ON_BLAME: Milliseconds = 30_000;

/** sysexits(3): EX_SOFTWARE. */
const EXIT_SOFTWARE = 70;

export function appExited(
  state: Running | Draining | Stopping | Killing,
  event: Event & { type: 'childExited' },
  known: Pick<Ended, 'cause' | 'stopSignal'> & Partial<Ended>,
): Step<Inspecting> {
  const quiet: Effect[] = (['startup', 'ready', 'live'] as const).map((probe) => ({ type: 'stopProbe', probe }));
  const ended: Ended = {
    exit: event.exit,
    fault: null,
    passedOn: null,
    sweepEndsAt: event.at + UNPLANNED_SWEEP,
    ...known,
  };
  const inspecting: Inspecting = { kind: 'inspecting', ended, timeline: enter(state, 'sweeping', event.at) };
  return [inspecting, [...quiet, { type: 'findLeftovers' }]];
}

export function whenAppIsGone(state: Inspecting | Sweeping | Purging, event: Event, policy: Policy): Step {
  switch (event.type) {
    case 'leftoversFound':
      return state.kind === 'inspecting' ? sweep(state, event, policy) : late(state);
    case 'leftoversGone':
      return state.kind === 'inspecting' ? late(state) : leave(state, event.at, policy, state.ended);
    case 'deadlinePassed':
      if (state.kind === 'sweeping' && event.at >= state.ended.sweepEndsAt) return purge(state, event.at);
      if (state.kind === 'purging' && event.at >= state.purgeEndsAt) {
        return leave(state, event.at, policy, state.ended, [say({ event: 'outlived' })]);
      }
      return late(state);
    case 'signalReceived':
      return hearOnly(state, event.signal, policy.stopOn.has(event.signal) ? 'repeated' : 'dropped');
    case 'terminalLost':
      return hearFarewell(state, event.signal);
    case 'faulted':
      return leave(state, event.at, policy, { ...state.ended, fault: event.fault, cause: 'fault' }, [
        { type: 'killLeftovers' },
      ]);
    case 'standingChanged':
    case 'listenersCounted':
      return late(state);
    case 'begun':
    case 'spawned':
    case 'spawnFailed':
    case 'childExited':
      return impossible(state, event);
    default:
      return unreachable(event);
  }
}

function sweep(state: Inspecting, event: Event & { type: 'leftoversFound' }, policy: Policy): Step {
  const { ended } = state;
  if (event.leftovers.length === 0) return leave(state, event.at, policy, ended);
  const sweeping: Sweeping = { ...state, kind: 'sweeping' };
  const { exit, cause, stopSignal } = ended;
  const named = say({ event: 'leftovers', leftovers: event.leftovers, signal: stopSignal, exit, cause });
  if (event.at >= ended.sweepEndsAt) {
    const [next, effects] = purge(sweeping, event.at);
    return [next, [named, ...effects]];
  }
  return [
    sweeping,
    [named, { type: 'stopLeftovers', signal: ended.stopSignal }, { type: 'wakeAt', at: ended.sweepEndsAt }],
  ];
}

function purge(state: Sweeping, at: Milliseconds): Step<Purging> {
  const purging: Purging = { ...state, kind: 'purging', purgeEndsAt: at + PURGE_LIMIT };
  return [purging, [say({ event: 'purging' }), { type: 'killLeftovers' }, { type: 'wakeAt', at: purging.purgeEndsAt }]];
}

type End = {
  readonly cause: ExitCause;
  readonly exit?: Exit;
  readonly failure?: SpawnFailure;
  readonly fault?: Fault | null;
  readonly passedOn?: PassedOn | null;
};

/** The one way out: the last words, then the exit. */
export function leave(state: State, at: Milliseconds, policy: Policy, end: End, before: readonly Effect[] = []): Step {
  const fault = end.fault ?? null;
  const failure = end.failure ?? null;
  const exit = end.exit ?? null;
  const code = fault !== null ? EXIT_SOFTWARE : failure !== null ? spawnFailureCode(failure) : exitCode(exit, policy);
  const blamed = end.passedOn ?? null;
  const gone = enteredAt(state, 'sweeping', at);
  const passedOn =
    blamed !== null && policy.stopOn.size > 0 && gone - blamed.at <= PASSED_ON_BLAME ? blamed.signal : null;
  const words = say({
    event: 'exited',
    code,
    exit,
    cause: end.cause,
    failure,
    fault,
    passedOn,
    phases: phasesOf(state.timeline, at),
  });
  return [{ kind: 'exited', code, timeline: state.timeline }, [...before, words, { type: 'exit', code }]];
}

/** As every shell does: the app's own code, or 128 + the number of the signal that ended it. */
function exitCode(exit: Exit | null, policy: Policy): number {
  if (exit === null) return EXIT_SOFTWARE;
  const code = exit.kind === 'code' ? exit.code : 128 + exit.signal;
  return policy.remapExit.get(code) ?? code;
}

/** POSIX, Shell Command Language 2.8.2: 127 for a command not found, 126 for one that cannot be executed. */
function spawnFailureCode(failure: SpawnFailure): number {
  return failure.code === 'ENOENT' || failure.code === 'ENOTDIR' ? 127 : 126;
}

function phasesOf(timeline: Timeline, end: Milliseconds): Phases {
  const phases: Partial<Record<Phase, Milliseconds>> = {};
  for (const [index, entry] of timeline.entries()) {
    phases[entry.phase] = (timeline[index + 1]?.at ?? end) - entry.at;
  }
  return phases;
}
