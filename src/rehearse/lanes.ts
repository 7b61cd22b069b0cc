import type { Side, Story } from './facts.ts';

/** A stretch of a pod's life, in milliseconds since the side began. */
export type Span = {
  readonly kind: 'starting' | 'serving' | 'pausing' | 'stopping';
  readonly from: number;
  readonly to: number;
};

export type Lane = {
  readonly name: string;
  readonly spans: readonly Span[];
  /** While nodes still sent to it after its deletion. */
  readonly sentTo: { readonly from: number; readonly to: number } | null;
  readonly end: { readonly at: number; readonly how: 'exited' | 'killed'; readonly code: number | null } | null;
  /** When requests that went to it failed. */
  readonly failures: readonly number[];
};

export function lanesOf({ pods, load, took }: Side): readonly Lane[] {
  return pods.map((story) => ({
    name: story.name,
    spans: spansOf(story, took),
    sentTo:
      story.deleted === null || story.forgotten === null
        ? null
        : { from: story.deleted, to: Math.min(took, story.forgotten) },
    end:
      story.ended === null
        ? null
        : { at: story.ended, how: story.killed === null ? 'exited' : 'killed', code: story.exitCode },
    failures: (load?.samples ?? []).flatMap(({ pod, failure, at, took: lasted }) =>
      pod === story.name && failure !== null ? [at + lasted] : [],
    ),
  }));
}

function spansOf({ started, ready, deleted, signalled, ended }: Story, took: number): readonly Span[] {
  if (started === null) return [];
  const end = ended ?? took;
  const bounds = [
    { kind: 'starting', from: started, to: ready ?? deleted ?? end },
    ...(ready === null ? [] : [{ kind: 'serving', from: ready, to: deleted ?? end } as const]),
    ...(deleted === null ? [] : [{ kind: 'pausing', from: deleted, to: signalled ?? end } as const]),
    ...(signalled === null ? [] : [{ kind: 'stopping', from: signalled, to: end } as const]),
  ] as const;
  return bounds
    .map(({ kind, from, to }) => ({ kind, from, to: Math.min(to, end) }))
    .filter(({ from, to }) => to > from);
}
