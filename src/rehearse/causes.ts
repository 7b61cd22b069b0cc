import type { Sample, Side, Story } from './facts.ts';

/** Why a request failed, as far as a cluster can tell it from what happened to the pod that it went to. */
export type Cause = 'late' | 'refused' | 'cut' | 'early' | 'app' | 'nobody';

/** A pod that refuses so soon after it was ready was not. In milliseconds. */
const YOUNG = 1_000;

/** `answers`: when each pod gave its first one. */
export function causeOf(
  sample: Sample,
  pods: readonly Story[],
  answers: ReadonlyMap<string, number> = new Map(),
): Cause {
  if (sample.pod === null) return 'nobody';
  const pod = pods.find(({ name }) => name === sample.pod);
  const to = sample.at + sample.took;
  if (pod === undefined || pod.deleted === null || to < pod.deleted) return youngOr(sample, pod, answers);
  // Sent when the app was gone already, but a node had not heard of it.
  if (pod.appEnded !== null && sample.at >= pod.appEnded) return 'late';
  const told = pod.signalled ?? pod.deleted;
  if (to < told) return 'app';
  if (sample.at >= told && sample.connection === 'new') return 'refused';
  return sample.failure === 'connection refused' ? 'late' : 'cut';
}

function youngOr({ at, failure }: Sample, pod: Story | undefined, answers: ReadonlyMap<string, number>): Cause {
  if (pod === undefined || pod.ready === null) return 'app';
  const isYoung = at - pod.ready < YOUNG || at < (answers.get(pod.name) ?? 0);
  return isYoung && failure === 'connection refused' ? 'early' : 'app';
}

export type Causes = Readonly<Record<Cause, readonly Sample[]>>;

export function causesOf({ load, pods }: Side): Causes {
  const causes: Record<Cause, Sample[]> = { late: [], refused: [], cut: [], early: [], app: [], nobody: [] };
  const samples = load?.samples ?? [];
  const answers = new Map<string, number>();
  for (const { at, took, failure, pod } of samples)
    if (failure === null && pod !== null) answers.set(pod, Math.min(at + took, answers.get(pod) ?? at + took));
  for (const sample of samples) if (sample.failure !== null) causes[causeOf(sample, pods, answers)].push(sample);
  return causes;
}
