import type { PodState } from '../pod/pod-state.ts';
import type { PodTimeline } from '../pod/pod-timeline.ts';
import type { Interval, VariantResult } from '../results.ts';

/** A part of a pod's life, in milliseconds since the run began. */
export type TimelineSpan = Interval & { readonly state: Exclude<PodState, 'killed' | 'exited'> };

/** One pod, as the picture shows it. */
export type TimelineRow = {
  readonly name: string;
  readonly spans: readonly TimelineSpan[];
  /** From the pod's deletion until no node routed to it any more; null: it was not deleted. */
  readonly stillRouted: Interval | null;
  readonly end: { readonly at: number; readonly how: 'exited' | 'killed'; readonly code: number | null } | null;
  /** When requests that were routed to the pod failed. */
  readonly failures: readonly number[];
};

export function timelineRows({ pods, load, took }: VariantResult): readonly TimelineRow[] {
  return pods.map((pod) => ({
    name: pod.name,
    spans: spansOf(pod, took),
    stillRouted:
      pod.deleted === null || pod.unrouted === null ? null : { from: pod.deleted, to: Math.min(took, pod.unrouted) },
    end:
      pod.exited === null
        ? null
        : { at: pod.exited, how: pod.killed === null ? 'exited' : 'killed', code: pod.exitCode },
    failures: (load?.samples ?? []).flatMap((sample) =>
      sample.pod === pod.name && sample.failure !== null ? [sample.at + sample.took] : [],
    ),
  }));
}

function spansOf({ started, ready, deleted, signalled, exited }: PodTimeline, took: number): readonly TimelineSpan[] {
  if (started === null) return [];
  const end = exited ?? took;
  const spans: readonly TimelineSpan[] = [
    { state: 'starting', from: started, to: ready ?? deleted ?? end },
    ...(ready === null ? [] : [{ state: 'serving', from: ready, to: deleted ?? end } as const]),
    ...(deleted === null ? [] : [{ state: 'delaying', from: deleted, to: signalled ?? end } as const]),
    ...(signalled === null ? [] : [{ state: 'stopping', from: signalled, to: end } as const]),
  ];
  return spans
    .map(({ state, from, to }) => ({ state, from, to: Math.min(to, end) }))
    .filter(({ from, to }) => to > from);
}
