import type { Effect } from './effect.ts';
import type { Event } from './event.ts';
import { heardHook, pressesCtrlC } from './hook-result.ts';
import type { Phases } from './notice.ts';
import type { Policy } from './policy.ts';
import type { Concluding, End, Exit, Milliseconds, Phase, Signal, SpawnFailure, State, Timeline } from './state.ts';
import { enter, enteredAt, hearFarewell, hearOnly, late, type Step, say, unreachable } from './step.ts';

/** An exit so soon after a passed-on signal is put down to it: the kubelet's default for a whole shutdown. */
export const PASSED_ON_BLAME: Milliseconds = 30_000;

/** sysexits(3): EX_SOFTWARE. */
const EXIT_SOFTWARE = 70;
const SIGKILL: Signal = 9;

/** The one way out: the hook after it all, the last words, then the exit. A reload that is under way has nobody to reload. */
export function leave(state: State, at: Milliseconds, policy: Policy, end: End, said: readonly Effect[] = []): Step {
  const reloads = policy.onChange.kind === 'exec';
  const before: readonly Effect[] = reloads ? [...said, { type: 'signalHook', signal: SIGKILL }] : said;
  if (!policy.hooks.has('post-exit')) return conclude(state, at, policy, end, before);
  const { restarts } = state;
  const concluding: Concluding = { kind: 'concluding', end, timeline: enter(state, 'concluding', at), restarts };
  return [concluding, [...before, { type: 'runHook', hook: 'post-exit' }]];
}

/** Nothing changes the exit code any more. */
export function whenConcluding(state: Concluding, event: Event, policy: Policy): Step {
  const killHook: Effect = { type: 'signalHook', signal: SIGKILL };
  switch (event.type) {
    case 'hookEnded': {
      const [, heard] = heardHook(state, event);
      return event.hook === 'post-exit' ? conclude(state, event.at, policy, state.end, heard) : [state, heard];
    }
    case 'signalReceived': {
      const { signal, at } = event;
      const [, heard] = hearOnly(state, signal, policy.stopOn.has(signal) ? 'repeated' : 'dropped');
      if (!pressesCtrlC(signal, policy)) return [state, heard];
      return conclude(state, at, policy, state.end, [...heard, killHook]);
    }
    case 'terminalLost':
      return hearFarewell(state, event.signal);
    case 'faulted':
      return conclude(state, event.at, policy, { ...state.end, fault: event.fault, cause: 'fault' }, [killHook]);
    // What was on its way when the end came.
    case 'spawned':
      return [state, [{ type: 'killApp' }]];
    case 'begun':
    case 'spawnFailed':
    case 'childExited':
    case 'deadlinePassed':
    case 'dependenciesMet':
    case 'dependenciesMissing':
    case 'mountChanged':
    case 'standingChanged':
    case 'listenersCounted':
    case 'connectionsCounted':
    case 'leftoversFound':
    case 'leftoversGone':
      return late(state);
    default:
      return unreachable(event);
  }
}

function conclude(state: State, at: Milliseconds, policy: Policy, end: End, before: readonly Effect[]): Step {
  const fault = end.fault ?? null;
  const failure = end.failure ?? null;
  const refusal = end.refusal ?? null;
  const exit = end.exit ?? null;
  const code =
    fault !== null
      ? EXIT_SOFTWARE
      : failure !== null
        ? spawnFailureCode(failure)
        : (refusal?.code ?? exitCode(exit, policy));
  const blamed = end.passedOn ?? null;
  const gone = enteredAt(state, 'sweeping', at);
  const passedOn =
    blamed !== null && policy.stopOn.size > 0 && gone - blamed.at <= PASSED_ON_BLAME ? blamed.signal : null;
  const { restarts } = state;
  const words = say({
    event: 'exited',
    code,
    exit,
    cause: end.cause,
    failure,
    refusal: refusal?.detail ?? null,
    fault,
    passedOn,
    phases: phasesOf(state.timeline, at),
    restarts: restarts.total,
  });
  return [{ kind: 'exited', code, timeline: state.timeline, restarts }, [...before, words, { type: 'exit', code }]];
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
