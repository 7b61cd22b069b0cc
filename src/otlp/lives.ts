import type { HookName, PostMortemHook, State, Timeline } from '../lifecycle/state.ts';
import { type OpenSpan, openSpan, type Span, type SpanAttributes, type SpanEvent } from './span.ts';
import { newSpanId, newTraceId, SAMPLED, type SpanContext } from './trace-context.ts';

/** The spans of each life: one for the life, below it one for each phase, and below that one for each hook. */
export type Lives = {
  /** The span of the present life, whose child the app is. */
  readonly life: () => SpanContext;
  /** The innermost span that events belong to: of the present phase. */
  readonly current: () => SpanContext;
  readonly stateEntered: (next: State) => void;
  readonly happened: (event: SpanEvent) => void;
  readonly describe: (attributes: SpanAttributes) => void;
  /** How the life has ended, or, after a restart in place began, the one before. */
  readonly ended: (attributes: SpanAttributes, error: string | null) => SpanContext;
  /** Begins the hook's span, unless it has one. */
  readonly hookBegun: (name: AnyHook, time: number) => SpanContext;
  /** The hook's span; null: it has none, or it has ended. */
  readonly hook: (name: AnyHook) => SpanContext | null;
  /** The hook's span; null: it has none. */
  readonly hookEnded: (name: AnyHook, failure: string | null, time: number) => SpanContext | null;
  /** Ends all spans. */
  readonly close: (time: number) => void;
};

export type AnyHook = HookName | PostMortemHook;

export type LivesDeps = {
  /** The parent of each life, from the environment. */
  readonly parent: SpanContext | null;
  readonly flagsOf: (traceId: string, parent: SpanContext | null) => number;
  /** Milliseconds since 1970, from a time of the monotonic clock. */
  readonly dateOf: (at: number) => number;
  /** A sampled span has ended. */
  readonly spanEnded: (span: Span) => void;
};

type Life = { readonly context: SpanContext; readonly previous: SpanContext | null };

export function createLives({ parent, flagsOf, dateOf, spanEnded }: LivesDeps): Lives {
  let life: Life = newLife(null);
  let root: OpenSpan | null = null;
  let phase: OpenSpan | null = null;
  /** The span of the last life, as long as its end may still be told. */
  let last: { readonly root: OpenSpan; readonly end: number } | null = null;
  let timeline: Timeline = [];
  const hooks = new Map<AnyHook, OpenSpan>();

  function newLife(previous: SpanContext | null): Life {
    const traceId = parent?.traceId ?? newTraceId();
    const flags = flagsOf(traceId, parent);
    return { context: { traceId, spanId: newSpanId(), flags, state: parent?.state ?? null }, previous };
  }

  const below = (above: SpanContext, name: string, start: number): OpenSpan =>
    openSpan({
      ...{ name, start, link: null },
      context: { ...above, spanId: newSpanId() },
      parent: { context: above, isRemote: false },
    });

  const finish = (span: OpenSpan | null, end: number): void => {
    if (span !== null && (span.context.flags & SAMPLED) !== 0) spanEnded(span.end(end));
  };

  const endPhase = (end: number): void => {
    finish(phase, end);
    phase = null;
  };

  const tellLast = (): void => {
    if (last !== null) finish(last.root, last.end);
    last = null;
  };

  const endHooks = (end: number): void => {
    for (const span of hooks.values()) finish(span, end);
    hooks.clear();
  };

  const begin = (start: number): void => {
    root = openSpan({
      ...{ name: 'life', start, context: life.context, link: life.previous },
      parent: parent === null ? null : { context: parent, isRemote: true },
    });
  };

  const current = (): SpanContext => phase?.context ?? life.context;

  return {
    life: () => life.context,
    current,
    stateEntered(next) {
      const entries = next.timeline;
      if (entries === timeline) return;
      tellLast();
      const isNew = entries.length === 0 || entries[0]?.at !== timeline[0]?.at;
      const begun = dateOf(entries[0]?.at ?? 0);
      if (isNew && root !== null) {
        endPhase(begun);
        endHooks(begun);
        last = { root, end: begun };
        life = newLife(life.context);
      }
      if (isNew) begin(begun);
      for (const entry of entries.slice(isNew ? 0 : timeline.length)) {
        const start = dateOf(entry.at);
        endPhase(start);
        phase = below(life.context, entry.phase, start);
      }
      timeline = entries;
    },
    happened: (event) => (phase ?? root)?.add(event),
    describe: (attributes) => root?.set(attributes),
    ended(attributes, error) {
      // Where not even the first phase has come, the life began with k8s-run.
      if (root === null && timeline.length === 0) begin(dateOf(0));
      const span = last?.root ?? root;
      span?.set(attributes);
      if (error !== null) span?.fail(error);
      return last?.root.context ?? current();
    },
    hook: (name) => hooks.get(name)?.context ?? null,
    hookBegun(name, time) {
      const span = hooks.get(name) ?? below(current(), `hook ${name}`, time);
      hooks.set(name, span);
      return span.context;
    },
    hookEnded(name, failure, time) {
      const span = hooks.get(name);
      if (span === undefined) return null;
      hooks.delete(name);
      if (failure !== null) span.fail(failure);
      finish(span, time);
      return span.context;
    },
    close(time) {
      tellLast();
      endHooks(time);
      endPhase(time);
      finish(root, time);
      root = null;
    },
  };
}
