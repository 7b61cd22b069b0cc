import type { Effect } from './effect.ts';
import type { Event } from './event.ts';
import type { Policy } from './policy.ts';
import type { Milliseconds, PostMortemHook, PostMortemStanding, PostMortems, State, WithApp } from './state.ts';
import { late, type Step, say } from './step.ts';

/** A state that has the app, and with it the post-mortem hooks of this life. */
type AppState = Extract<State, WithApp>;

export type PostMortemRequest = {
  readonly hook: PostMortemHook;
  readonly at: Milliseconds;
  /** For the hook. */
  readonly reason: string;
  /** When it must be over; not given: `--hook-timeout` after `at`. */
  readonly endsAt?: Milliseconds;
};

/** Begins a hook, unless there is none, or it has begun in this life already. */
export function startPostMortem<S extends AppState>(
  state: S,
  { hook, at, reason, endsAt: chosen }: PostMortemRequest,
  policy: Policy,
): Step<S> {
  if (!policy.postMortem.has(hook) || state.postMortems[hook] !== undefined) return late(state);
  const endsAt = chosen ?? at + policy.hookTimeout;
  return [
    withStanding(state, hook, { kind: 'runs', since: at, endsAt }),
    [
      say({ event: 'hook', hook, outcome: { kind: 'runs' } }),
      { type: 'runPostMortem', hook, reason },
      { type: 'wakeAt', at: endsAt },
    ],
  ];
}

/** Notes how a hook ended. An app that was sent the signal has the rest of the limit to write. */
export function notePostMortem<S extends AppState>(state: S, event: Event & { type: 'postMortemEnded' }): Step<S> {
  const { hook, result, at } = event;
  const standing = state.postMortems[hook];
  if (standing?.kind !== 'runs') return late(state);
  const { since, endsAt } = standing;
  switch (result.kind) {
    case 'sent': {
      const { account } = result;
      const next = withStanding(state, hook, { kind: 'writing', since, endsAt, account });
      const leftMs = Math.max(0, Math.round(endsAt - at));
      return [next, [say({ event: 'hook', hook, outcome: { kind: 'sent', account, leftMs } })]];
    }
    case 'done': {
      const { account } = result;
      const next = withStanding(state, hook, { kind: 'done', since, account });
      return [next, [say({ event: 'hook', hook, outcome: { kind: 'done', account } })]];
    }
    case 'failed':
      return failed(state, hook, result.failure);
  }
}

/** Ends the hooks whose limit is reached. */
export function endOverdue(state: AppState, at: Milliseconds, policy: Policy): Step<AppState> {
  let step: Step<AppState> = late(state);
  for (const [hook, standing] of underWay(state.postMortems)) {
    if (at < standing.endsAt) continue;
    const [before, effects] = step;
    const [next, more] = endOne(before, hook, standing, `it did not finish within ${policy.hookTimeout} ms`);
    step = [next, [...effects, ...more]];
  }
  return step;
}

/** The app is gone, or is killed now, so there is nothing left to look at: ends the hooks that are under way. */
export function endPostMortems<S extends AppState>(state: S, why: string): Step<S> {
  let step: Step<S> = late(state);
  for (const [hook, standing] of underWay(state.postMortems)) {
    const [before, effects] = step;
    const [next, more] = endOne(before, hook, standing, why);
    step = [next, [...effects, ...more]];
  }
  return step;
}

/** Whether liveness passes although its probe fails, so that the kubelet does not kill the evidence. */
export function isHoldingLiveness({ postMortems }: WithApp): boolean {
  const kind = postMortems['on-unlive']?.kind;
  return kind === 'runs' || kind === 'writing';
}

type UnderWay = Extract<PostMortemStanding, { endsAt: Milliseconds }>;

function underWay(postMortems: PostMortems): readonly (readonly [PostMortemHook, UnderWay])[] {
  return (['on-unlive', 'before-kill', 'on-memory'] as const).flatMap((hook) => {
    const standing = postMortems[hook];
    return standing?.kind === 'runs' || standing?.kind === 'writing' ? [[hook, standing] as const] : [];
  });
}

function endOne<S extends AppState>(state: S, hook: PostMortemHook, standing: UnderWay, why: string): Step<S> {
  if (standing.kind === 'writing') {
    const { since, account } = standing;
    return [withStanding(state, hook, { kind: 'done', since, account }), []];
  }
  const [next, effects] = failed(state, hook, why);
  return [next, [{ type: 'endPostMortem', hook }, ...effects]];
}

function failed<S extends AppState>(state: S, hook: PostMortemHook, failure: string): Step<S> {
  const since = state.postMortems[hook]?.since ?? Number.NaN;
  const effects: readonly Effect[] = [say({ event: 'hook', hook, outcome: { kind: 'failed', failure } })];
  return [withStanding(state, hook, { kind: 'failed', since, failure }), effects];
}

function withStanding<S extends AppState>(state: S, hook: PostMortemHook, standing: PostMortemStanding): S {
  return { ...state, postMortems: { ...state.postMortems, [hook]: standing } };
}
