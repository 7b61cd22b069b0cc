import type { Effect } from './effect.ts';
import type { PhaseDurations } from './notice.ts';
import type { Policy } from './policy.ts';
import type {
  EndReason,
  Exit,
  Milliseconds,
  PassedOn,
  Phase,
  PostExit,
  SpawnFailure,
  State,
  Timeline,
} from './state.ts';
import { enter, enteredAt, SIGKILL, type Step } from './step.ts';

/** An exit within this time after a passed-on signal is attributed to it: the default terminationGracePeriodSeconds. */
export const PASSED_ON_WINDOW: Milliseconds = 30_000;

/** sysexits(3): EX_SOFTWARE. */
const EXIT_SOFTWARE = 70;

/** The app is gone, or was never started. */
export type AppGone = {
  readonly state: State;
  readonly at: Milliseconds;
  readonly policy: Policy;
  readonly end: EndReason;
  /** Effects that come before those of the exit. */
  readonly before?: readonly Effect[];
};

/**
 * Every exit begins here: the post-exit hook, then the exit. A hook of `--on-change` or `--on-resize` that still runs is killed, as
 * there is no app left.
 */
export function beginExit({ state, at, policy, end, before = [] }: AppGone): Step {
  const reloads = [policy.onChange, policy.onResize].some((action) => action?.kind === 'exec');
  const first: readonly Effect[] = reloads ? [...before, { type: 'signalHook', signal: SIGKILL }] : before;
  if (!policy.hooks.has('post-exit')) return exitNow({ state, at, policy, end, before: first });
  const { restarts } = state;
  const postExit: PostExit = { kind: 'postExit', end, timeline: enter(state, 'postExit', at), restarts };
  return [postExit, [...first, { type: 'runHook', hook: 'post-exit' }]];
}

/** The exit effect has the whole record, so that no room must keep it. */
export function exitNow({ state, at, policy, end, before = [] }: AppGone): Step {
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
  const gone = enteredAt(state, 'leftovers', at);
  const passedOn = explains(end.passedOn ?? null, gone, exit, policy) ? (end.passedOn ?? null) : null;
  const { restarts } = state;
  const record = {
    event: 'exited',
    code,
    exit,
    cause: end.cause,
    failure,
    refusal: refusal?.detail ?? null,
    fault,
    passedOn: passedOn === null ? null : { signal: passedOn.signal, cause: passedOn.cause },
    phases: durationsOf(state.timeline, at),
    restarts: restarts.total,
  } as const;
  return [{ kind: 'exited', code, timeline: state.timeline, restarts }, [...before, { type: 'exit', record }]];
}

/**
 * Whether a signal that was not meant to stop the app may be why it has exited. One that k8s-run sent by itself is no reason for an
 * exit with 0: it was sent to an app that catches it.
 */
function explains(last: PassedOn | null, gone: Milliseconds, exit: Exit | null, policy: Policy): boolean {
  if (last === null || gone - last.at > PASSED_ON_WINDOW) return false;
  if (last.cause === 'received') return policy.stopOn.size > 0;
  return exit?.kind !== 'code' || exit.code !== 0;
}

/** The app's own code, or 128 + n when signal n ended it, as in every shell. */
function exitCode(exit: Exit | null, policy: Policy): number {
  if (exit === null) return EXIT_SOFTWARE;
  const code = exit.kind === 'code' ? exit.code : 128 + exit.signal;
  return policy.remapExit.get(code) ?? code;
}

/** POSIX, Shell Command Language 2.8.2: 127 for a command not found, 126 for one that cannot be executed. */
function spawnFailureCode(failure: SpawnFailure): number {
  return failure.code === 'ENOENT' || failure.code === 'ENOTDIR' ? 127 : 126;
}

function durationsOf(timeline: Timeline, end: Milliseconds): PhaseDurations {
  const phases: Partial<Record<Phase, Milliseconds>> = {};
  for (const [index, entry] of timeline.entries()) {
    phases[entry.phase] = (timeline[index + 1]?.at ?? end) - entry.at;
  }
  return phases;
}
