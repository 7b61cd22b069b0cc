import type { PodTimeline } from './pod/pod-timeline.ts';
import type { LoadResult, RequestSample, VariantResult } from './results.ts';

/** The numbers of one run. Times in milliseconds. */
export type RunSummary = {
  readonly sent: number;
  readonly failed: number;
  /** What the clients saw, the most frequent first. */
  readonly failures: readonly (readonly [failure: string, count: number])[];
  /** Of the answered requests; null: there were none. */
  readonly latency: { readonly median: number; readonly p99: number; readonly max: number } | null;
  /** The longest time in which no client got an answer. */
  readonly longestStall: number;
  /** From the start of the app to its open port. */
  readonly timesToListen: readonly number[];
  /** From the start of the container to the kubelet's answer. */
  readonly timesToReady: readonly number[];
  /** The longest time from the start of the container to that of the app: that of k8s-run itself, where it is in front. */
  readonly slowestSpawn: number;
  /** The names of the pods that were killed. */
  readonly killed: readonly string[];
  readonly exitCodes: readonly (readonly [code: number, count: number])[];
  /** From the signal to the exit of each old replica. */
  readonly timesToExit: readonly number[];
  /** Requests that k8s-run counted as in flight when the app ended; null: it said nothing of them. */
  readonly cutRequests: number | null;
  readonly leftovers: readonly string[];
};

export function summarize({ load, pods }: VariantResult): RunSummary {
  const samples = load?.samples ?? [];
  const failed = samples.filter(({ failure }) => failure !== null);
  const answered = samples.filter(({ failure }) => failure === null);
  const took = answered.map((sample) => sample.took).sort((one, other) => one - other);
  const codes = pods.flatMap(({ deleted, exitCode }) => (deleted === null || exitCode === null ? [] : [exitCode]));
  return {
    sent: samples.length,
    failed: failed.length,
    failures: countEach(failed.map(({ failure }) => failure ?? '')),
    latency:
      took.length === 0 ? null : { median: quantile(took, 0.5), p99: quantile(took, 0.99), max: took.at(-1) ?? 0 },
    longestStall: load === null ? 0 : longestStall(answered, load),
    timesToListen: pods.flatMap(({ appStarted, listening }) =>
      appStarted === null || listening === null ? [] : [Math.max(0, listening - appStarted)],
    ),
    slowestSpawn: Math.max(0, ...pods.map(({ started, appStarted }) => (appStarted ?? 0) - (started ?? 0))),
    timesToReady: pods.flatMap(({ started, ready }) => (started === null || ready === null ? [] : [ready - started])),
    killed: pods.flatMap(({ name, killed }) => (killed === null ? [] : [name])),
    exitCodes: countEach(codes),
    timesToExit: pods.flatMap(({ deleted, signalled, exited }) =>
      deleted === null || signalled === null || exited === null ? [] : [exited - signalled],
    ),
    cutRequests: countedCuts(pods),
    leftovers: pods.flatMap(({ leftovers }) => leftovers),
  };
}

/** Of old replicas: those that still serve at the end of a run are killed by the rehearsal. */
export function countedCuts(pods: readonly PodTimeline[]): number | null {
  const counts = pods.flatMap(({ deleted, cutRequests }) => (deleted === null ? [] : (cutRequests ?? [])));
  return counts.length === 0 ? null : counts.reduce((all, each) => all + each, 0);
}

/** Whether a run lost something: a request, a pod that had to be killed, or the rest of its rollouts. */
export function hasLost({ load, pods, appFailure }: VariantResult): boolean {
  return (
    appFailure !== null ||
    pods.some(({ killed }) => killed !== null) ||
    (load?.samples.some(({ failure }) => failure !== null) ?? false)
  );
}

/** Whether requests were sent. Without, a worker is judged by its exit codes and times. */
export const wasLoaded = ({ load }: VariantResult): boolean => load !== null && load.samples.length > 0;

/** Whether any replica became ready. */
export const hasServed = ({ pods }: VariantResult): boolean => pods.some(({ ready }) => ready !== null);

/** The smallest of the sorted values that is not below this share of them (nearest rank). */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? 0;
}

/** Each different value with its count, the most frequent first. */
export function countEach<T>(values: readonly T[]): readonly (readonly [T, number])[] {
  const groups = [...Map.groupBy(values, (value) => value)].map(([value, all]) => [value, all.length] as const);
  return groups.sort((one, other) => other[1] - one[1]);
}

/** From one answer to the next, without the times at which no requests were sent. */
function longestStall(answered: readonly RequestSample[], { samples, suspensions }: LoadResult): number {
  const first = Math.min(...samples.map(({ at }) => at));
  const last = Math.max(...samples.map(({ at, took }) => at + took));
  const answers = answered.map(({ at, took }) => at + took).sort((one, other) => one - other);
  const times = [first, ...answers, last];
  let longest = 0;
  for (let index = 1; index < times.length; index += 1) {
    const [from = 0, to = 0] = [times[index - 1], times[index]];
    const suspended = suspensions.reduce(
      (all, span) => all + Math.max(0, Math.min(to, span.to) - Math.max(from, span.from)),
      0,
    );
    longest = Math.max(longest, to - from - suspended);
  }
  return Number.isFinite(longest) ? longest : 0;
}
