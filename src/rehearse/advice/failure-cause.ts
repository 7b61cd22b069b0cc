import type { PodTimeline } from '../pod/pod-timeline.ts';
import type { RequestSample, VariantResult } from '../results.ts';

/**
 * Why a request failed, by what had happened to its pod.
 * - late: a node routed it to a pod whose app had exited
 * - refused: the signalled app accepted no new connections
 * - cut: it was in flight when the app exited
 * - early: the pod was ready, but its app did not accept connections yet
 * - app: the pod had not been told to stop
 * - no endpoint: the Service had none
 */
export type FailureCause = 'late' | 'refused' | 'cut' | 'early' | 'app' | 'no endpoint';

/** A pod that refuses connections within this time after it was ready counts as not ready yet. In milliseconds. */
const EARLY_WITHIN = 1_000;

/** The time of the signal is that of another process's wall clock, in whole milliseconds. */
const CLOCK_PRECISION = 5;

/** `firstAnswers`: when each pod answered for the first time. */
export function causeOf(
  sample: RequestSample,
  pods: readonly PodTimeline[],
  firstAnswers: ReadonlyMap<string, number> = new Map(),
): FailureCause {
  if (sample.pod === null) return 'no endpoint';
  const pod = pods.find(({ name }) => name === sample.pod);
  const failedAt = sample.at + sample.took;
  if (pod === undefined || pod.deleted === null || failedAt < pod.deleted) return earlyOrApp(sample, pod, firstAnswers);
  if (pod.appExited !== null && sample.at >= pod.appExited) return 'late';
  const signalled = pod.signalled ?? pod.deleted;
  if (failedAt < signalled - CLOCK_PRECISION) return 'app';
  if (sample.at >= signalled && sample.connection === 'new') return 'refused';
  return sample.failure === 'connection refused' ? 'late' : 'cut';
}

function earlyOrApp(
  { at, failure }: RequestSample,
  pod: PodTimeline | undefined,
  firstAnswers: ReadonlyMap<string, number>,
): FailureCause {
  if (pod === undefined || pod.ready === null) return 'app';
  const isEarly = at - pod.ready < EARLY_WITHIN || at < (firstAnswers.get(pod.name) ?? 0);
  return isEarly && failure === 'connection refused' ? 'early' : 'app';
}

export type FailuresByCause = Readonly<Record<FailureCause, readonly RequestSample[]>>;

export function failuresByCause({ load, pods }: VariantResult): FailuresByCause {
  const failures: Record<FailureCause, RequestSample[]> = {
    ...{ late: [], refused: [], cut: [], early: [], app: [], 'no endpoint': [] },
  };
  const samples = load?.samples ?? [];
  const firstAnswers = new Map<string, number>();
  for (const { at, took, failure, pod } of samples)
    if (failure === null && pod !== null)
      firstAnswers.set(pod, Math.min(at + took, firstAnswers.get(pod) ?? at + took));
  for (const sample of samples) if (sample.failure !== null) failures[causeOf(sample, pods, firstAnswers)].push(sample);
  return failures;
}
